//! On which terms an organization sells, and how it presents itself.

use contracts::settings::OrganizationSettingsChanged;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::stage::{Person, Stage};

const TOLD: &str = "odysseus.users.organization.settings.v1";
const CHANGE: &str = "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { name slug settings {
    serviceFees { name percent perTicket { amount currency } perOrder { amount currency } borneBy }
    tax { name rate included rounding } refundPolicy { rules { hoursBeforeStart percent } feesKept } payoutDelayDays
    seller { legalName address taxNumber } branding { colour website supportEmail } } } }";
const SETTINGS: &str = "query($id: ID) { organization(id: $id) { settings {
    serviceFees { name percent perTicket { amount currency } perOrder { amount currency } borneBy }
    tax { name rate included rounding } refundPolicy { rules { hoursBeforeStart percent } feesKept } payoutDelayDays
    seller { legalName address taxNumber } branding { colour website supportEmail } } } }";

/// What settings are as long as nobody has changed them.
fn default() -> Value {
    json!({
        "serviceFees": [], "tax": null, "refundPolicy": { "rules": [], "feesKept": false }, "payoutDelayDays": 7,
        "seller": { "legalName": null, "address": null, "taxNumber": null },
        "branding": { "colour": null, "website": null, "supportEmail": null }
    })
}

/// The input of a change of this organization.
fn of(organization: &str, mut change: Value) -> Value {
    change["organizationId"] = json!(organization);
    json!({ "input": change })
}

async fn opera(stage: &Stage) -> (Person, String) {
    let ada = stage.register("ada@example.org").await;
    let opera = stage.found(&ada, "Oper").await;
    (ada, opera)
}

#[tokio::test]
async fn an_owner_sets_everything_and_reads_it_again_and_everybody_is_told_once() {
    let stage = Stage::new().await;
    let (ada, opera) = opera(&stage).await;
    let change = json!({
        "name": "Oper Graz",
        "serviceFees": [
            { "name": "Service fee", "percent": "2.50", "borneBy": "BUYER" },
            { "name": "Service fee", "perTicket": { "amount": "0.3", "currency": "EUR" }, "borneBy": "BUYER" },
            { "name": "Platform", "perOrder": { "amount": "100", "currency": "JPY" }, "borneBy": "ORGANIZER" }
        ],
        "tax": { "name": "VAT", "rate": "13", "included": true },
        "refundPolicy": { "rules": [
            { "hoursBeforeStart": 24, "percent": "50" }, { "hoursBeforeStart": 168, "percent": "100" }
        ] },
        "payoutDelayDays": 3,
        "seller": { "legalName": "Oper Graz GmbH", "address": "Ring 1\n8010 Graz", "taxNumber": "ATU12345678" },
        "branding": { "colour": "#AA0011", "website": "https://oper.example", "supportEmail": "help@oper.example" }
    });
    let expected = json!({
        "serviceFees": [
            { "name": "Service fee", "percent": "2.5", "perTicket": null, "perOrder": null, "borneBy": "BUYER" },
            { "name": "Service fee", "percent": null, "perTicket": { "amount": "0.30", "currency": "EUR" },
              "perOrder": null, "borneBy": "BUYER" },
            { "name": "Platform", "percent": null, "perTicket": null,
              "perOrder": { "amount": "100", "currency": "JPY" }, "borneBy": "ORGANIZER" }
        ],
        "tax": { "name": "VAT", "rate": "13", "included": true, "rounding": "PER_LINE" },
        "refundPolicy": { "feesKept": false, "rules": [
            { "hoursBeforeStart": 168, "percent": "100" }, { "hoursBeforeStart": 24, "percent": "50" }
        ] },
        "payoutDelayDays": 3,
        "seller": { "legalName": "Oper Graz GmbH", "address": "Ring 1\n8010 Graz", "taxNumber": "ATU12345678" },
        "branding": { "colour": "#aa0011", "website": "https://oper.example", "supportEmail": "help@oper.example" }
    });
    let before = stage.told().await.len();
    for _ in 0..2 {
        let data = stage.data(Some(ada.id), CHANGE, of(&opera, change.clone())).await;
        let changed = &data["updateOrganization"];
        assert_eq!((&changed["name"], &changed["slug"]), (&json!("Oper Graz"), &json!("oper")));
        assert_eq!(changed["settings"], expected);
        let told = stage.told().await.split_off(before);
        let name = "odysseus.users.organization.changed.v1".to_owned();
        assert_eq!(told, [(name, 2), (TOLD.to_owned(), 1)], "again, nothing has changed");
    }
    let data = stage.data(Some(ada.id), SETTINGS, json!({ "id": opera })).await;
    assert_eq!(data["organization"]["settings"], expected);
    let [told] = stage.payloads(TOLD).await.try_into().unwrap();
    let told: OrganizationSettingsChanged = serde_json::from_value(told).unwrap();
    assert_eq!((told.organization_id.public().to_string(), told.version), (opera, 1));
    assert_eq!(told.settings.fees.len(), 3);
    assert_eq!(told.settings.refund_policy.rules[0].hours_before_start, 168);
    assert_eq!(told.settings.seller.tax_number.as_deref(), Some("ATU12345678"));
}

#[tokio::test]
async fn what_is_left_out_stays_and_null_takes_away() {
    let stage = Stage::new().await;
    let (ada, opera) = opera(&stage).await;
    let changed = async |change: Value| {
        let data = stage.data(Some(ada.id), CHANGE, of(&opera, change)).await;
        data["updateOrganization"]["settings"].clone()
    };
    changed(json!({
        "tax": { "name": "VAT", "rate": "20", "included": false, "rounding": "PER_TOTAL" },
        "seller": { "address": "Ring 1", "taxNumber": "ATU1" }, "branding": { "colour": "#000000" }
    }))
    .await;
    let after = changed(json!({ "seller": { "taxNumber": null }, "payoutDelayDays": 1 })).await;
    assert_eq!(after["tax"]["rounding"], "PER_TOTAL");
    assert_eq!(after["seller"], json!({ "legalName": null, "address": "Ring 1", "taxNumber": null }));
    assert_eq!(after["branding"]["colour"], "#000000");
    let after = changed(json!({ "tax": null })).await;
    assert_eq!((&after["tax"], &after["payoutDelayDays"]), (&Value::Null, &json!(1)));
    let versions: Vec<_> = stage.payloads(TOLD).await.iter().map(|told| told["version"].clone()).collect();
    assert_eq!(versions, [1, 2, 3]);
}

#[tokio::test]
async fn owners_who_change_different_things_at_once_lose_nothing_of_each_other() {
    let stage = Stage::new().await;
    let (ada, opera) = opera(&stage).await;
    let bob = stage.register("bob@example.org").await;
    stage.enlists(&ada, &opera, &bob, "OWNER").await;
    let changes = [
        json!({ "payoutDelayDays": 30 }),
        json!({ "tax": { "name": "VAT", "rate": "10", "included": true } }),
        json!({ "seller": { "legalName": "Oper GmbH" } }),
        json!({ "seller": { "taxNumber": "ATU1" } }),
        json!({ "branding": { "colour": "#123456" } }),
        json!({ "refundPolicy": { "rules": [{ "hoursBeforeStart": 1, "percent": "9" }] } }),
        json!({ "serviceFees": [{ "name": "Fee", "percent": "1", "borneBy": "BUYER" }] }),
        json!({ "name": "Opera" }),
    ];
    let asks = changes.into_iter().enumerate().map(|(at, change)| {
        let by = if at % 2 == 0 { ada.id } else { bob.id };
        stage.data(Some(by), CHANGE, of(&opera, change))
    });
    futures::future::join_all(asks).await;
    let query = "query($id: ID) { organization(id: $id) { name settings { payoutDelayDays tax { rate }
        seller { legalName taxNumber } branding { colour } refundPolicy { rules { percent } } serviceFees { name } } } }";
    let data = stage.data(Some(ada.id), query, json!({ "id": opera })).await;
    assert_eq!(
        data["organization"],
        json!({ "name": "Opera", "settings": {
            "payoutDelayDays": 30, "tax": { "rate": "10" }, "seller": { "legalName": "Oper GmbH", "taxNumber": "ATU1" },
            "branding": { "colour": "#123456" }, "refundPolicy": { "rules": [{ "percent": "9" }] },
            "serviceFees": [{ "name": "Fee" }]
        } })
    );
    let told = stage.payloads(TOLD).await;
    let mut versions: Vec<_> = told.iter().map(|told| told["version"].as_i64().unwrap()).collect();
    versions.sort_unstable();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7], "each is told once, with a version of its own");
}

#[tokio::test]
async fn an_organization_of_an_earlier_release_has_the_default_until_somebody_changes_it() {
    let stage = Stage::new().await;
    let ada = stage.register("ada@example.org").await;
    let id = kernel::OrganizationId::new();
    // As a program writes it that knows of no settings.
    for (statement, values) in [
        (
            "INSERT INTO organizations (id, slug, name, version, created_at, founder_id, founded_with) \
             VALUES ($1, 'old', 'Old', 4, 0, $2, '')",
            [id.uuid(), ada.id.uuid()],
        ),
        (
            "INSERT INTO memberships (organization_id, user_id, role, version, since) \
             VALUES ($1, $2, 'OWNER', 1, 0)",
            [id.uuid(), ada.id.uuid()],
        ),
    ] {
        let backend = stage.database.writes.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, statement, values.map(Into::into));
        stage.database.writes.execute_raw(statement).await.unwrap();
    }
    let old = id.public().to_string();
    let data = stage.data(Some(ada.id), SETTINGS, json!({ "id": old })).await;
    assert_eq!(data["organization"]["settings"], default());
    let same = json!({ "name": "Old", "payoutDelayDays": 7, "serviceFees": [], "tax": null });
    stage.data(Some(ada.id), CHANGE, of(&old, same)).await;
    assert_eq!(stage.count("organizations WHERE settings IS NULL AND version = 4").await, 1);
    assert_eq!(stage.payloads(TOLD).await, Vec::<Value>::new(), "what nobody has changed is not told");
    let data = stage.data(Some(ada.id), CHANGE, of(&old, json!({ "payoutDelayDays": 8 }))).await;
    assert_eq!(data["updateOrganization"]["settings"]["payoutDelayDays"], 8);
    assert_eq!(stage.payloads(TOLD).await[0]["version"], 1);
}

#[tokio::test]
async fn managers_see_settings_and_everybody_sees_how_an_organization_presents_itself() {
    let stage = Stage::new().await;
    let (ada, opera) = opera(&stage).await;
    let change =
        json!({ "seller": { "address": "Ring 1" }, "branding": { "website": "https://oper.example" } });
    stage.data(Some(ada.id), CHANGE, of(&opera, change)).await;
    let settings = "query($id: ID) { organization(id: $id) { settings { payoutDelayDays } } }";
    let presented = "query($id: ID) { organization(id: $id) { seller { address } branding { website } } }";
    let shown =
        json!({ "seller": { "address": "Ring 1" }, "branding": { "website": "https://oper.example" } });
    let ask = json!({ "id": opera });
    let mut crew = vec![(Some(stage.register("eve@example.org").await.id), "stranger"), (None, "nobody")];
    for role in ["MANAGER", "BOX_OFFICE", "SCANNER"] {
        let member = stage.register(&format!("{role}@example.org")).await;
        stage.enlists(&ada, &opera, &member, role).await;
        crew.push((Some(member.id), role));
    }
    for (viewer, role) in crew {
        let code = if viewer.is_some() { "FORBIDDEN" } else { "UNAUTHENTICATED" };
        if role == "MANAGER" {
            let seen = stage.data(viewer, settings, ask.clone()).await;
            assert_eq!(seen["organization"]["settings"]["payoutDelayDays"], 7);
        } else {
            let answer = stage.ask(viewer, settings, ask.clone()).await;
            assert_eq!(answer["data"]["organization"]["settings"], Value::Null, "{role}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{role}");
        }
        let seen = stage.data(viewer, presented, ask.clone()).await;
        assert_eq!(seen["organization"], shown, "{role}");
        let change = of(&opera, json!({ "name": "Mine" }));
        assert_eq!(stage.refusal(viewer, CHANGE, change).await.0, code, "{role}");
    }
}

#[tokio::test]
async fn the_examples_of_the_page_on_settings_that_are_of_an_organization_do_what_it_says() {
    let stage = Stage::new().await;
    let (ada, opera) = opera(&stage).await;
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/money/settings.md"));
    let page = page.unwrap().replace("org_…", &opera);
    let examples = page.split("```graphql\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let examples: Vec<_> = examples.filter(|example| example.contains("updateOrganization")).collect();
    assert_eq!(examples.len(), 4);
    for example in examples {
        stage.data(Some(ada.id), example, json!({})).await;
    }
    let data = stage.data(Some(ada.id), SETTINGS, json!({ "id": opera })).await;
    let settings = &data["organization"]["settings"];
    assert_eq!(settings["serviceFees"].as_array().unwrap().len(), 4);
    assert_eq!(settings["tax"]["rounding"], "PER_LINE");
    assert_eq!(settings["refundPolicy"]["rules"][0]["hoursBeforeStart"], 336);
    assert_eq!(
        (&settings["payoutDelayDays"], &settings["branding"]["colour"]),
        (&json!(3), &json!("#8a1538"))
    );
    assert_eq!(settings["seller"]["address"], "Ring 1\n8010 Graz\nAustria");
    assert_eq!(stage.payloads(TOLD).await.len(), 4);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_change_is_told_at_once_with_its_place_and_nothing_is_changed() {
    let stage = Stage::new().await;
    let (ada, opera) = opera(&stage).await;
    let change = json!({
        "name": null,
        "serviceFees": [
            { "name": "Fee", "percent": "1", "borneBy": "BUYER" },
            { "name": "", "perTicket": { "amount": "x", "currency": "EUR" }, "borneBy": "BUYER" },
            { "name": "Other", "borneBy": "BUYER" }
        ],
        "refundPolicy": { "rules": [
            { "hoursBeforeStart": 24, "percent": "50" }, { "hoursBeforeStart": 48, "percent": "49" }
        ] },
        "branding": { "website": "javascript:alert(1)" }
    });
    let answer = stage.ask(Some(ada.id), CHANGE, of(&opera, change)).await;
    let problems = answer["errors"][0]["extensions"]["problems"].as_array().unwrap().clone();
    let places: Vec<_> = problems.iter().map(|problem| problem["path"].clone()).collect();
    assert_eq!(
        places,
        [
            json!(["input", "name"]),
            json!(["input", "serviceFees", "1", "name"]),
            json!(["input", "serviceFees", "1", "perTicket"]),
            json!(["input", "serviceFees", "2"]),
            json!(["input", "refundPolicy", "rules", "0", "percent"]),
            json!(["input", "branding", "website"]),
        ],
        "{answer}"
    );
    assert_eq!(stage.payloads(TOLD).await, Vec::<Value>::new());
    assert_eq!(stage.count("organizations WHERE settings IS NULL AND name = 'Oper'").await, 1);
}
