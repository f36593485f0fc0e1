use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage};

const REGISTER: &str = "mutation($input: RegisterInput!) { register(input: $input) { accessToken } }";
const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) { accessToken } }";
const UPDATE: &str = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }";
const FOUND: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) { id } }";
const INVITE: &str = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { id } }";
const CHANGE: &str =
    "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { id } }";
const REMOVE: &str = "mutation($input: RemoveMemberInput!) { removeMember(input: $input) { id } }";
const GUEST: &str =
    "mutation($input: ContinueAsGuestInput!) { continueAsGuest(input: $input) { accessToken } }";

const FORGOT: &str = "mutation($email: String!) { requestPasswordReset(email: $email) }";
const PASSWORDS: &str = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { id } }";
const ADDRESS: &str = "mutation($input: ChangeEmailInput!) { changeEmail(input: $input) { done } }";
const DELETE: &str = "mutation($password: String!) { deleteAccount(password: $password) }";

/// As much as the gateway lets through.
fn huge() -> String {
    "x".repeat(testbed::LARGEST_TEXT)
}

/// A good input with one part replaced.
fn with(mut good: Value, field: &str, bad: Value) -> Value {
    good[field] = bad;
    json!({ "input": good })
}

fn fee() -> Value {
    json!({ "name": "Fee", "percent": "1", "borneBy": "BUYER" })
}

fn cases() -> Vec<(&'static str, Value, &'static str)> {
    let register = || json!({ "email": "eve@example.org", "password": PASSWORD, "name": "Eve" });
    let login = || json!({ "email": "ada@example.org", "password": PASSWORD });
    let opera = || json!({ "name": "Oper" });
    let guest = || json!({ "email": "eve@example.org" });
    let organization = kernel::OrganizationId::new();
    let invited = || json!({ "organizationId": organization, "email": "bob@example.org", "role": "SCANNER" });
    let leaver = || json!({ "organizationId": organization, "userId": kernel::UserId::new() });
    let mut cases = Vec::new();
    for bad in ["", "eve", "eve@", "@example.org", "e ve@example.org", "eve@example..org", "eve@@example.org"]
    {
        cases.push((REGISTER, with(register(), "email", json!(bad)), "email"));
        cases.push((LOGIN, with(login(), "email", json!(bad)), "email"));
        cases.push((GUEST, with(guest(), "email", json!(bad)), "email"));
    }
    for bad in [huge(), format!("{}@example.org", huge())] {
        cases.push((REGISTER, with(register(), "email", json!(bad)), "email"));
        cases.push((LOGIN, with(login(), "email", json!(bad)), "email"));
        cases.push((GUEST, with(guest(), "email", json!(bad)), "email"));
    }
    for bad in ["Eve\nEve".to_owned(), "Eve\0".to_owned(), "x".repeat(101), huge()] {
        cases.push((GUEST, with(guest(), "name", json!(bad)), "name"));
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
        cases.push((GUEST, with(guest(), "locale", json!(bad)), "locale"));
        cases.push((UPDATE, with(json!({}), "locale", json!(bad)), "locale"));
    }
    for bad in [String::new(), "Mars/Base".to_owned(), "+02:00".to_owned(), huge()] {
        cases.push((REGISTER, with(register(), "timezone", json!(bad)), "timezone"));
        cases.push((GUEST, with(guest(), "timezone", json!(bad)), "timezone"));
        cases.push((UPDATE, with(json!({}), "timezone", json!(bad)), "timezone"));
    }
    for bad in [String::new(), "12345".to_owned(), "+43 call me".to_owned(), huge()] {
        cases.push((UPDATE, with(json!({}), "phone", json!(bad)), "phone"));
    }
    for bad in [String::new(), "Oper".to_owned(), "-oper".to_owned(), "a--b".to_owned(), huge()] {
        cases.push((FOUND, with(opera(), "slug", json!(bad)), "slug"));
    }
    for bad in [String::new(), "a\0".to_owned(), "x".repeat(101), huge()] {
        cases.push((FOUND, with(opera(), "idempotencyKey", json!(bad)), "idempotencyKey"));
    }
    cases.extend(about_oneself());
    // Text that is only looked for, by no rule but that it can be.
    cases.push((
        "query($slug: String) { organization(slug: $slug) { id } }",
        json!({ "slug": "a\0" }),
        "slug",
    ));
    for bad in [String::new(), "1 OR 1=1".to_owned(), huge()] {
        cases.push((INVITE, with(invited(), "organizationId", json!(bad)), "organizationId"));
        cases.push((INVITE, with(invited(), "email", json!(bad)), "email"));
        cases.push((REMOVE, with(leaver(), "organizationId", json!(bad)), "organizationId"));
        cases.push((REMOVE, with(leaver(), "userId", json!(bad)), "userId"));
        cases.push(("query($id: ID) { organization(id: $id) { id } }", json!({ "id": bad }), "id"));
    }
    for (bad, field) in [
        (json!({ "organizationId": "1 OR 1=1" }), "organizationId"),
        (json!({ "name": huge() }), "name"),
        (json!({ "name": null }), "name"),
        (json!({ "serviceFees": null }), "serviceFees"),
        (json!({ "serviceFees": vec![fee(); 21] }), "serviceFees"),
        (json!({ "serviceFees": [fee(), fee()] }), "serviceFees"),
        (json!({ "serviceFees": [{ "name": huge(), "percent": "1", "borneBy": "BUYER" }] }), "name"),
        (json!({ "tax": { "name": "VAT", "rate": "120", "included": true } }), "rate"),
        (json!({ "refundPolicy": null }), "refundPolicy"),
        (
            json!({ "refundPolicy": { "rules": vec![json!({ "hoursBeforeStart": 1, "percent": "1" }); 11] } }),
            "rules",
        ),
        (json!({ "payoutDelayDays": null }), "payoutDelayDays"),
        (json!({ "payoutDelayDays": -1 }), "payoutDelayDays"),
        (json!({ "seller": null }), "seller"),
        (json!({ "seller": { "legalName": huge() } }), "legalName"),
        (json!({ "seller": { "address": huge() } }), "address"),
        (json!({ "seller": { "taxNumber": huge() } }), "taxNumber"),
        (json!({ "branding": null }), "branding"),
        (json!({ "branding": { "colour": huge() } }), "colour"),
        (json!({ "branding": { "website": format!("https://{}", huge()) } }), "website"),
        (json!({ "branding": { "supportEmail": huge() } }), "supportEmail"),
    ] {
        let mut input = json!({ "organizationId": organization });
        input.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        cases.push((CHANGE, json!({ "input": input }), field));
    }
    cases.push(("{ organization { id } }", json!({}), "id"));
    cases.push(("{ organization(id: \"1\", slug: \"oper\") { id } }", json!({}), "id"));
    cases
}

fn about_oneself() -> Vec<(&'static str, Value, &'static str)> {
    let passwords = || json!({ "currentPassword": PASSWORD, "newPassword": "a brand new paper lantern" });
    let address = || json!({ "newEmail": "eve@example.net", "password": PASSWORD });
    let mut cases = Vec::new();
    for bad in [String::new(), "eve".to_owned(), "eve@example..org".to_owned(), huge()] {
        cases.push((FORGOT, json!({ "email": bad }), "email"));
        cases.push((ADDRESS, with(address(), "newEmail", json!(bad)), "newEmail"));
    }
    for bad in [String::new(), "1234567".to_owned(), "Password123!".to_owned(), "x".repeat(129), huge()] {
        cases.push((PASSWORDS, with(passwords(), "newPassword", json!(bad)), "newPassword"));
    }
    for bad in [String::new(), "x".repeat(129), huge()] {
        cases.push((PASSWORDS, with(passwords(), "currentPassword", json!(bad)), "currentPassword"));
        cases.push((ADDRESS, with(address(), "password", json!(bad)), "password"));
        cases.push((DELETE, json!({ "password": bad }), "password"));
    }
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
        (INVITE, json!({ "input": { "organizationId": "x", "email": "a@b.c", "role": "KING" } })),
        (INVITE, json!({ "input": { "organizationId": "x", "email": 7, "role": "OWNER" } })),
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
async fn all_that_is_wrong_with_who_is_invited_or_leaves_is_told_at_once_with_its_place() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let invited = json!({ "input": { "organizationId": "x", "email": "bob", "role": "OWNER" } });
    let leaver = json!({ "input": { "organizationId": "x", "userId": "y" } });
    for (operation, input, second) in [(INVITE, invited, "email"), (REMOVE, leaver, "userId")] {
        let answer = stage.ask(Some(ada.id), operation, input).await;
        let problems = answer["errors"][0]["extensions"]["problems"].as_array().unwrap().clone();
        let places: Vec<_> = problems.iter().map(|problem| problem["path"].clone()).collect();
        assert_eq!(places, [json!(["input", "organizationId"]), json!(["input", second])], "{answer}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_left_out_is_asked_for() {
    let stage = Stage::new().await;
    for operation in [
        "mutation { refreshSession { accessToken } }",
        "mutation { refreshSession(refreshToken: null) { accessToken } }",
        "mutation { logout }",
        "mutation { logout(refreshToken: null) }",
    ] {
        let answer = stage.ask(None, operation, json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        assert_eq!(error["extensions"]["path"], json!(["refreshToken"]), "{answer}");
        assert_eq!(error["extensions"]["reason"], "REQUIRED", "{answer}");
        assert!(error["message"].as_str().unwrap().contains("must be a refresh token"), "{answer}");
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
    let invite = json!({ "organizationId": organization, "email": "ada@example.org", "role": "OWNER" });
    let remove = json!({ "organizationId": organization, "userId": ada.id });
    let change = json!({ "organizationId": organization, "name": "Oper" });
    for (operation, input) in [(INVITE, invite), (REMOVE, remove), (CHANGE, change)] {
        let variables = json!({ "input": input });
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
