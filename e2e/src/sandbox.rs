use reqwest::Client;
use serde_json::{Value, json};

use crate::{Address, Dashboard, PATIENCE, client::client, within};

/// What the platform sent to the outside world, and switches that make things go wrong there.
#[derive(Clone)]
pub struct Sandbox {
    address: Address,
    client: Client,
}

/// A mail that arrived.
#[derive(Clone, Debug)]
pub struct Mail(pub Value);

impl Sandbox {
    /// The one that is reached below that address.
    pub fn at(address: Address) -> Self {
        Self { address, client: client() }
    }

    /// The first mail to that address whose subject has these words.
    pub async fn mail(&self, to: &str, subject: &str) -> Mail {
        let patience = PATIENCE.as_millis().to_string();
        let mails = self.mails_with(&[("to", to), ("subject", subject), ("wait_ms", &patience)]).await;
        match mails.into_iter().next() {
            Some(mail) => mail,
            None => panic!("no mail to {to} about {subject:?} came within {PATIENCE:?}"),
        }
    }

    /// All mails to that address by now that are about a purchase, each once: a mail that was handed over twice has one
    /// Message-ID.
    pub async fn mails(&self, to: &str) -> Vec<Mail> {
        let mut mails = self.mails_with(&[("to", to)]).await;
        mails.retain(|mail| !mail.text().contains("/account/"));
        mails.sort_by_key(Mail::id);
        mails.dedup_by_key(|mail| mail.id());
        mails
    }

    /// All SMS to that number by now.
    pub async fn sms(&self, to: &str) -> Vec<Value> {
        let all = self.get("/sandbox/sms.json", &[("to", to)]).await;
        all.as_array().cloned().unwrap_or_default()
    }

    /// What Stripe knows of the payments of an order, by its number.
    pub async fn payments_of(&self, order_number: &str) -> Vec<Value> {
        let all = self.get("/sandbox/payments.json", &[("limit", "5000")]).await;
        Dashboard::of_order(all.as_array().map(Vec::as_slice).unwrap_or_default(), order_number)
    }

    /// Webhooks that have not been delivered yet.
    pub async fn waiting_webhooks(&self) -> usize {
        let all = self.get("/sandbox/webhooks.json", &[("limit", "5000")]).await;
        let all = all.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|event| event["state"] == "waiting").count()
    }

    /// Moves switches; those not named stay. A restart turns all of them off.
    pub async fn switch(&self, switches: Value) {
        let url = format!("{}/sandbox/switches", self.address.now());
        let moved = within("the sandbox's switches", self.client.put(url).json(&switches).send()).await;
        let moved = moved.and_then(reqwest::Response::error_for_status);
        moved.expect("the switches exist");
    }

    /// Webhooks take that long from now on.
    pub async fn delays_webhooks(&self, millis: u64) {
        self.switch(json!({ "webhookDelayMs": millis })).await;
    }

    /// The buyer confirms at the bank, where `payment` has sent them.
    pub async fn confirms_at_the_bank(&self, payment: &Value) {
        let url = payment["nextActionUrl"].as_str().expect("the buyer is sent to the bank");
        // It sends the buyer back to the shop, where nobody goes here.
        let approve = client_that_stays().post(format!("{url}/approve"));
        let approved = within("the bank", approve.send()).await;
        let approved = approved.and_then(reqwest::Response::error_for_status);
        approved.expect("the bank lets it through");
    }

    /// The buyer of an order has their bank ask for the money again.
    pub async fn buyer_disputes(&self, order_number: &str) {
        let payment = self.paid(order_number).await;
        self.decided(&format!("/sandbox/payments/{}/dispute", payment["id"].as_str().unwrap_or_default()))
            .await;
    }

    /// The bank lets the house keep the money that the buyer of an order disputes.
    pub async fn house_wins_the_dispute(&self, order_number: &str) {
        let dispute = &self.paid(order_number).await["disputes"][0]["id"];
        self.decided(&format!("/sandbox/disputes/{}/won", dispute.as_str().unwrap_or_default())).await;
    }

    /// Connected accounts at Stripe, the newest first, with their balances, transfers and payouts.
    pub async fn accounts(&self) -> Vec<Value> {
        let all = self.get("/sandbox/accounts.json", &[("limit", "5000")]).await;
        all.as_array().cloned().unwrap_or_default()
    }

    /// The connected account that carries this among its notes, such as an organization's id.
    pub async fn account_of(&self, noted: &str) -> Option<Value> {
        let all = self.accounts().await;
        all.into_iter().find(|account| account["metadata"].to_string().contains(noted))
    }

    /// An owner follows the link to Stripe's questions and answers all of them; where Stripe sends them then.
    pub async fn owner_finishes_onboarding(&self, link: &str) -> String {
        Self::leads_from(client_that_stays().get(link)).await;
        Self::leads_from(client_that_stays().post(format!("{link}/finish"))).await
    }

    /// Stripe restricts a connected account, which can neither take money nor be paid out then.
    pub async fn restricts_account(&self, account: &str) {
        self.decided(&format!("/sandbox/accounts/{account}/restrict")).await;
    }

    /// Stripe lifts that again.
    pub async fn lifts_the_restriction(&self, account: &str) {
        self.decided(&format!("/sandbox/accounts/{account}/lift")).await;
    }

    /// The bank returns a payout, also one that it has paid.
    pub async fn bank_returns_payout(&self, payout: &str) {
        self.decided(&format!("/sandbox/payouts/{payout}/fail")).await;
    }

    async fn leads_from(ask: reqwest::RequestBuilder) -> String {
        let answer = within("Stripe's onboarding", ask.send()).await;
        let answer = answer.and_then(reqwest::Response::error_for_status).expect("it leads on");
        let to = answer.headers().get("location").and_then(|to| to.to_str().ok());
        to.expect("it leads somewhere").to_owned()
    }

    async fn paid(&self, order_number: &str) -> Value {
        let payments = self.payments_of(order_number).await;
        let paid = payments.into_iter().find(|payment| payment["status"] == "succeeded");
        paid.unwrap_or_else(|| panic!("{order_number} was not paid"))
    }

    async fn decided(&self, path: &str) {
        let url = format!("{}{path}", self.address.now());
        let done = within("Stripe's dashboard", client_that_stays().post(url).send()).await;
        done.and_then(reqwest::Response::error_for_status).expect("it can be done there");
    }

    /// An attachment's bytes.
    pub async fn attachment(&self, mail: &Mail, name: &str) -> Vec<u8> {
        let attachments = mail.0["attachments"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = attachments.iter().find(|attachment| attachment["name"] == name);
        let found = found.unwrap_or_else(|| panic!("{name} is not among {attachments:?}"));
        let url = format!("{}{}", self.address.now(), found["url"].as_str().unwrap_or_default());
        let answer = within("an attachment", self.client.get(url).send()).await;
        let answer = answer.and_then(reqwest::Response::error_for_status).expect("the attachment exists");
        within("an attachment's bytes", answer.bytes()).await.expect("the attachment is read").to_vec()
    }

    pub(crate) async fn mails_with(&self, query: &[(&str, &str)]) -> Vec<Mail> {
        let mails = self.get("/sandbox/mails.json", query).await;
        mails.as_array().into_iter().flatten().cloned().map(Mail).collect()
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let url = format!("{}{path}?{}", self.address.now(), in_an_address(query));
        let request = self.client.get(url).timeout(PATIENCE * 2);
        let answer = request.send().await.and_then(reqwest::Response::error_for_status);
        answer.expect("the sandbox answers").json().await.expect("the sandbox speaks JSON")
    }
}

impl Mail {
    /// Its Message-ID.
    pub fn id(&self) -> String {
        let headers = self.0["headers"].as_array().map(Vec::as_slice).unwrap_or_default();
        let id = headers
            .iter()
            .find(|pair| pair[0].as_str().is_some_and(|name| name.eq_ignore_ascii_case("message-id")));
        id.and_then(|pair| pair[1].as_str()).unwrap_or_default().to_owned()
    }

    /// What it says.
    pub fn text(&self) -> &str {
        self.0["text"].as_str().unwrap_or_default()
    }

    /// What it is about.
    pub fn subject(&self) -> &str {
        self.0["subject"].as_str().unwrap_or_default()
    }
}

/// A client that follows no redirect.
fn client_that_stays() -> Client {
    let stays = Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    stays.expect("a client can be made")
}

/// Pairs as they stand behind the question mark.
fn in_an_address(query: &[(&str, &str)]) -> String {
    let escaped = |text: &str| -> String {
        let bytes = text.bytes().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        bytes.collect()
    };
    let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    pairs.join("&")
}
