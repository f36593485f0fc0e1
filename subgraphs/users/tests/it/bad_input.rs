use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage};

const REGISTER: &str = "mutation($input: RegisterInput!) { register(input: $input) { accessToken } }";
const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) { accessToken } }";
const UPDATE: &str = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }";
const FOUND: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) { id } }";
const INVITE: &str = "mutation($organization: ID!, $email: String!, $role: OrganizationRole!) {
    inviteMember(organizationId: $organization, email: $email, role: $role) { id } }";
const REMOVE: &str = "mutation($organization: ID!, $user: ID!) {
    removeMember(organizationId: $organization, userId: $user) { id } }";

/// As much as the gateway lets through.
fn huge() -> String {
    "x".repeat(testbed::LARGEST_TEXT)
}

/// A good input with one part replaced.
fn with(mut good: Value, field: &str, bad: Value) -> Value {
    good[field] = bad;
    json!({ "input": good })
}

fn cases() -> Vec<(&'static str, Value, &'static str)> {
    let register = || json!({ "email": "eve@example.org", "password": PASSWORD, "name": "Eve" });
    let login = || json!({ "email": "ada@example.org", "password": PASSWORD });
    let opera = || json!({ "name": "Oper" });
    let member = json!({ "organization": "x", "email": "bob@example.org", "role": "SCANNER" });
    let mut cases = Vec::new();
    for bad in ["", "eve", "eve@", "@example.org", "e ve@example.org", "eve@example..org", "eve@@example.org"]
    {
        cases.push((REGISTER, with(register(), "email", json!(bad)), "email"));
        cases.push((LOGIN, with(login(), "email", json!(bad)), "email"));
    }
    for bad in [huge(), format!("{}@example.org", huge())] {
        cases.push((REGISTER, with(register(), "email", json!(bad)), "email"));
        cases.push((LOGIN, with(login(), "email", json!(bad)), "email"));
    }
    for bad in [String::new(), "1234567".to_owned(), "Password123!".to_owned(), "x".repeat(129), huge()] {
        cases.push((REGISTER, with(register(), "password", json!(bad)), "password"));
    }
    for bad in [String::new(), "x".repeat(129), huge()] {
        cases.push((LOGIN, with(login(), "password", json!(bad)), "password"));
    }
    for bad in
        [String::new(), "   ".to_owned(), "Eve\nEve".to_owned(), "Eve\0".to_owned(), "x".repeat(101), huge()]
    {
        cases.push((REGISTER, with(register(), "name", json!(bad)), "name"));
        cases.push((UPDATE, with(json!({}), "name", json!(bad)), "name"));
        cases.push((FOUND, with(opera(), "name", json!(bad)), "name"));
    }
    for bad in [String::new(), "xx".to_owned(), "english".to_owned(), "de-".to_owned(), huge()] {
        cases.push((REGISTER, with(register(), "locale", json!(bad)), "locale"));
        cases.push((UPDATE, with(json!({}), "locale", json!(bad)), "locale"));
    }
    for bad in [String::new(), "Mars/Base".to_owned(), "+02:00".to_owned(), huge()] {
        cases.push((REGISTER, with(register(), "timezone", json!(bad)), "timezone"));
        cases.push((UPDATE, with(json!({}), "timezone", json!(bad)), "timezone"));
    }
    for bad in [String::new(), "12345".to_owned(), "+43 call me".to_owned(), huge()] {
        cases.push((UPDATE, with(json!({}), "phone", json!(bad)), "phone"));
    }
    for bad in [String::new(), "Oper".to_owned(), "-oper".to_owned(), "a--b".to_owned(), huge()] {
        cases.push((FOUND, with(opera(), "slug", json!(bad)), "slug"));
    }
    for bad in ["a\0".to_owned(), huge()] {
        cases.push((FOUND, with(opera(), "idempotencyKey", json!(bad)), "idempotencyKey"));
    }
    // Text that is only looked for, by no rule but that it can be.
    cases.push((
        "query($slug: String) { organization(slug: $slug) { id } }",
        json!({ "slug": "a\0" }),
        "slug",
    ));
    for bad in [String::new(), "1 OR 1=1".to_owned(), huge()] {
        let mut ask = member.clone();
        ask["organization"] = json!(bad);
        cases.push((INVITE, ask, "organizationId"));
        cases.push((REMOVE, json!({ "organization": bad, "user": bad }), "organizationId"));
        let organization = kernel::OrganizationId::new();
        cases.push((REMOVE, json!({ "organization": organization, "user": bad }), "userId"));
        let ask = json!({ "organization": organization, "email": bad, "role": "OWNER" });
        cases.push((INVITE, ask, "email"));
        cases.push(("query($id: ID) { organization(id: $id) { id } }", json!({ "id": bad }), "id"));
    }
    cases.push(("{ organization { id } }", json!({}), "id"));
    cases.push(("{ organization(id: \"1\", slug: \"oper\") { id } }", json!({}), "id"));
    cases
}

#[tokio::test]
async fn bad_input_is_refused_naming_the_field_and_changes_nothing() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    for (operation, variables, field) in cases() {
        let shown: String = variables.to_string().chars().take(120).collect();
        let refusal = stage.refusal(Some(ada.id), operation, variables).await;
        assert_eq!(refusal, ("BAD_USER_INPUT".to_owned(), field.to_owned()), "{operation} {shown}");
    }
    for (table, rows) in [("accounts", 1), ("sessions", 1), ("organizations", 0), ("outbox", 2)] {
        assert_eq!(stage.count(table).await, rows, "{table}");
    }
}

#[tokio::test]
async fn what_the_schema_does_not_know_is_bad_input_too() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    for (operation, variables) in [
        (INVITE, json!({ "organization": "x", "email": "a@b.c", "role": "KING" })),
        (INVITE, json!({ "organization": "x", "email": 7, "role": "OWNER" })),
        (
            REGISTER,
            json!({ "input": { "email": "a@b.c", "password": PASSWORD, "name": "A", "admin": true } }),
        ),
        (REGISTER, json!({ "input": { "email": "a@b.c", "password": PASSWORD } })),
        (REGISTER, json!({})),
        ("{ me { passwordHash } }", json!({})),
        ("mutation { deleteEverything }", json!({})),
    ] {
        let refusal = stage.refusal(Some(ada.id), operation, variables).await;
        assert_eq!(refusal.0, "BAD_USER_INPUT", "{operation}");
    }
}

#[tokio::test]
async fn tokens_that_are_none_are_refused_alike() {
    let stage = Stage::new().await;
    let operation = "mutation($token: String!) { refreshSession(refreshToken: $token) { accessToken } }";
    for token in [String::new(), "x".to_owned(), "A".repeat(43), huge(), "' OR 1=1 --".to_owned()] {
        let refusal = stage.refusal(None, operation, json!({ "token": token })).await;
        assert_eq!(refusal.0, "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn what_needs_a_login_says_so_and_unknown_things_are_not_found() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let organization = kernel::OrganizationId::new();
    let invite = json!({ "organization": organization, "email": "ada@example.org", "role": "OWNER" });
    let remove = json!({ "organization": organization, "user": ada.id });
    for (operation, variables) in [(INVITE, invite), (REMOVE, remove)] {
        assert_eq!(stage.refusal(None, operation, variables.clone()).await.0, "UNAUTHENTICATED");
        assert_eq!(stage.refusal(Some(ada.id), operation, variables).await.0, "NOT_FOUND");
    }
    for (operation, variables) in
        [(UPDATE, json!({ "input": {} })), (FOUND, json!({ "input": { "name": "O" } }))]
    {
        assert_eq!(stage.refusal(None, operation, variables.clone()).await.0, "UNAUTHENTICATED");
        let gone = kernel::UserId::new();
        assert_eq!(stage.refusal(Some(gone), operation, variables).await.0, "UNAUTHENTICATED");
    }
}
