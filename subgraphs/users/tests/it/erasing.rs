//! People who leave, and take with them what tells who they were.

use contracts::saga::{Asked, Outcome, SagaReply};
use saga::clock;
use sea_orm::DbBackend;
use serde_json::{Value, json};
use users::LogIn;
use uuid::Uuid;

use crate::stage::{PASSWORD, Person, Stage};

const DELETE: &str = "mutation($password: String!) { deleteAccount(password: $password) }";
const FORGET_BUYER: &str = "odysseus.ask.tickets.forget_buyer.v1";
const FORGET_READER: &str = "odysseus.ask.notifications.forget_reader.v1";
const CHANGED: &str = "odysseus.users.account.changed.v1";

fn with(password: &str) -> Value {
    json!({ "password": password })
}

impl Stage {
    async fn deletes(&self, who: &Person) {
        assert_eq!(self.data(Some(who.id), DELETE, with(PASSWORD)).await["deleteAccount"], true);
    }

    /// The last that was asked by this subject.
    async fn last_asked(&self, subject: &str) -> Value {
        self.payloads(subject).await.pop().expect("it was asked")
    }

    /// What a service answers that has done what it was asked last.
    async fn done(&self, subject: &str) -> SagaReply {
        let asked: Asked = serde_json::from_value(self.last_asked(subject).await["asked"].take()).unwrap();
        asked.answer(Outcome::Done)
    }

    /// Whoever was asked answers, and the answer comes twice.
    async fn answers(&self, subject: &str) {
        let (message, reply) = (Uuid::new_v4(), self.done(subject).await);
        for _ in 0..2 {
            self.users.erasure_answered(message, reply.clone()).await.unwrap();
        }
    }

    async fn is_erased(&self) {
        self.answers(FORGET_BUYER).await;
        self.answers(FORGET_READER).await;
    }

    /// Where the erasure of this account stands.
    async fn stands(&self, who: &Person) -> Value {
        let rows = self.rows(&format!("SELECT progress FROM sagas WHERE {}", self.is("id", who))).await;
        serde_json::from_str(&rows[0].try_get::<String>("", "progress").unwrap()).unwrap()
    }

    /// That a column has the account's id, as the database writes it down.
    fn is(&self, column: &str, who: &Person) -> String {
        match self.database.reads.get_database_backend() {
            DbBackend::Postgres => format!("{column} = '{}'", who.id.uuid()),
            _ => format!("{column} = x'{}'", who.id.uuid().simple()),
        }
    }

    /// The time for an answer is over.
    async fn time_passes(&self) {
        self.runs("UPDATE sagas SET deadline = 1 WHERE deadline IS NOT NULL").await;
        clock::tick(&self.database, &self.users).await.unwrap();
    }
}

#[tokio::test]
async fn who_deletes_their_account_leaves_nothing_that_tells_who_they_were_and_the_address_is_free() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let phone = "mutation { updateProfile(input: { phone: \"+43 1 234 5678\", locale: \"de\" }) { id } }";
    stage.data(Some(ada.id), phone, json!({})).await;
    let session = stage.latest_session(&ada).await;
    let boss = stage.register("boss@example.org").await;
    let opera = stage.found(&boss, "Oper").await;
    stage.enlists(&boss, &opera, &ada, "MANAGER").await;
    let invite = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { id } }";
    let theatre = stage.found(&boss, "Theater").await;
    let input = json!({ "organizationId": theatre, "email": "ADA@example.org", "role": "SCANNER" });
    stage.data(Some(boss.id), invite, json!({ "input": input })).await;

    stage.deletes(&ada).await;
    let left = stage.payloads("odysseus.users.membership.changed.v1").await;
    assert_eq!(left.iter().rfind(|told| told["user_id"] == json!(ada.id)).unwrap()["role"], json!(null));
    let farewell = stage.mailed("ada@example.org").await.pop().unwrap();
    assert_eq!((farewell.kind(), farewell.0.get("user_id")), ("ACCOUNT_DELETED", None));
    assert!(stage.users.session_has_ended(session).await.unwrap());
    stage.users.refresh_session(&ada.refresh_token).await.unwrap_err();
    let ask = LogIn { email: ada.email.clone(), password: PASSWORD.to_owned(), ..LogIn::default() };
    stage.users.log_in(ask).await.unwrap_err();
    let again = stage.register("ada@example.org").await;
    assert_ne!(again.id, ada.id);

    stage.is_erased().await;
    let told = stage.payloads(CHANGED).await;
    let last = told.iter().rfind(|told| told["user_id"] == json!(ada.id)).unwrap();
    assert_eq!((&last["erased"], &last["email"], &last["name"]), (&json!(true), &json!(""), &json!("")));
    assert!(last.get("phone").is_none_or(Value::is_null));
    let others = format!("NOT {}", stage.is("id", &again));
    for kept in [
        "accounts WHERE (email LIKE '%ada%' OR email_normalised LIKE '%ada%' OR name LIKE '%ada%')",
        "accounts WHERE phone IS NOT NULL",
    ] {
        assert_eq!(stage.count(&format!("{kept} AND {others}")).await, 0, "{kept}");
    }
    assert_eq!(stage.count("invitations WHERE email_normalised LIKE 'ada%'").await, 0);
    for table in ["known_clients", "warnings", "address_proofs", "address_changes"] {
        let of_others = stage
            .count(&format!("{table} WHERE account_id IN (SELECT id FROM accounts WHERE email = '')"))
            .await;
        assert_eq!(of_others, 0, "{table}");
    }
    let members = "query($id: ID) { organization(id: $id) { members { totalCount } } }";
    let seen = stage.data(Some(boss.id), members, json!({ "id": opera })).await;
    assert_eq!(seen["organization"]["members"]["totalCount"], 1);
}

#[tokio::test]
async fn one_service_after_the_other_is_asked_to_forget_and_the_account_goes_last() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let named = format!("accounts WHERE email = 'ada@example.org' AND {}", stage.is("id", &ada));
    stage.deletes(&ada).await;
    assert_eq!(stage.stands(&ada).await, json!({ "state": "FORWARD", "step": "FORGET_BUYER" }));
    let asked = stage.last_asked(FORGET_BUYER).await;
    let account = &asked["account"];
    assert_eq!(
        (&account["erased"], &account["email"], &account["name"]),
        (&true.into(), &"".into(), &"".into())
    );
    assert!(stage.payloads(FORGET_READER).await.is_empty());
    assert_eq!(stage.count(&named).await, 1, "who is just buying has to be reached");

    stage.answers(FORGET_BUYER).await;
    let asked = stage.last_asked(FORGET_READER).await;
    assert_eq!((&asked["address"], &asked["account"]), (&"ada@example.org".into(), account));
    assert_eq!(stage.count(&named).await, 1);

    stage.answers(FORGET_READER).await;
    assert_eq!(stage.stands(&ada).await, json!({ "state": "DONE" }));
    assert_eq!(stage.count(&named).await, 0);
    let told = stage.payloads(CHANGED).await.pop().unwrap();
    assert_eq!(told, *account, "what was asked beforehand is what is told");
}

#[tokio::test]
async fn who_does_not_answer_is_asked_again_and_late_or_foreign_answers_change_nothing() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    stage.deletes(&ada).await;
    let early = stage.done(FORGET_BUYER).await;
    clock::tick(&stage.database, &stage.users).await.unwrap();
    assert_eq!(stage.payloads(FORGET_BUYER).await.len(), 1, "its time is not over");
    for asked in 2..4 {
        stage.time_passes().await;
        assert_eq!(stage.payloads(FORGET_BUYER).await.len(), asked);
    }
    let mut foreign = early.clone();
    foreign.kind = "refund".to_owned();
    stage.users.erasure_answered(Uuid::new_v4(), foreign).await.unwrap();
    assert_eq!(stage.stands(&ada).await["step"], "FORGET_BUYER");
    stage.is_erased().await;
    stage.users.erasure_answered(Uuid::new_v4(), early).await.unwrap();
    assert_eq!(stage.stands(&ada).await, json!({ "state": "DONE" }));
    let erased = stage.payloads(CHANGED).await.iter().filter(|told| told["erased"] == true).count();
    assert_eq!(erased, 1);
    stage.runs("DELETE FROM sagas").await;
    let late = Asked {
        saga_id: kernel::SagaId::from_uuid(ada.id.uuid()),
        kind: "erasure".to_owned(),
        step: "ERASE".to_owned(),
        way: contracts::saga::Way::Do,
    };
    stage.users.erasure_answered(Uuid::new_v4(), late.answer(Outcome::Done)).await.unwrap();
}

#[tokio::test]
async fn nothing_opens_an_account_again_that_is_closed() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let verification = stage.mailed("ada@example.org").await.pop().unwrap().token();
    let reset = "mutation($email: String!) { requestPasswordReset(email: $email) }";
    stage.data(None, reset, json!({ "email": "ada@example.org" })).await;
    let link = stage.mailed("ada@example.org").await.pop().unwrap().token();
    stage.deletes(&ada).await;
    let mails = stage.mailed("ada@example.org").await.len();
    stage.data(None, reset, json!({ "email": "ada@example.org" })).await;
    assert_eq!(stage.mailed("ada@example.org").await.len(), mails, "nobody is there who could be written to");
    let choose = "mutation($token: String!) { resetPassword(token: $token, newPassword: \"another-odyssey-1\") { user { id } } }";
    assert_eq!(stage.refusal(None, choose, json!({ "token": link })).await.0, "NOT_FOUND");
    let verify = "mutation($token: String!) { verifyEmail(token: $token) { id } }";
    assert_eq!(stage.refusal(None, verify, json!({ "token": verification })).await.0, "NOT_FOUND");
    // As by a token that another replica has not heard is worth nothing.
    let profile = "mutation { updateProfile(input: { name: \"Eve\" }) { id } }";
    assert_eq!(stage.refusal(Some(ada.id), profile, json!({})).await.0, "UNAUTHENTICATED");
    assert!(stage.ask(Some(ada.id), DELETE, with(PASSWORD)).await.get("errors").is_some());
    assert_eq!(stage.payloads(FORGET_BUYER).await.len(), 1);
}

#[tokio::test]
async fn the_last_owner_stays_until_there_is_another() {
    let stage = Stage::new().await;
    let (ada, bob) = (stage.register("ada@example.org").await, stage.register("bob@example.org").await);
    let opera = stage.found(&ada, "Oper").await;
    let refused = stage.ask(Some(ada.id), DELETE, with(PASSWORD)).await;
    assert_eq!(refused["errors"][0]["extensions"]["reason"], "LAST_OWNER");
    assert_eq!(stage.count("sagas").await, 0);
    stage.users.refresh_session(&ada.refresh_token).await.unwrap();
    stage.enlists(&ada, &opera, &bob, "OWNER").await;
    stage.data(Some(ada.id), DELETE, with(PASSWORD)).await;
}

#[tokio::test]
async fn nobody_is_erased_without_the_password() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let refused = stage.refusal(Some(ada.id), DELETE, with("not-the-password")).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "password".to_owned()));
    assert_eq!(stage.refusal(None, DELETE, with(PASSWORD)).await.0, "UNAUTHENTICATED");
    let guest = stage.guest("guest@example.org").await;
    assert_eq!(stage.refusal(Some(guest.id), DELETE, with(PASSWORD)).await.0, "FORBIDDEN");
    stage.users.refresh_session(&ada.refresh_token).await.unwrap();
}
