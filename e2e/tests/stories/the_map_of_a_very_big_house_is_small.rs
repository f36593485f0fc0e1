use e2e::{Person, Platform, Settings, Show, amphitheatre, seat_ids};
use rand::{SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use reqwest::{
    Client, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderValue, IF_NONE_MATCH},
};
use serde_json::json;

/// What a client may have to load of the map of 20,000 seats in bytes: with the plan, which never changes, and afterwards.
const FIRST: usize = 300_000;
const LATER: usize = 20_000;
/// How many seats are gone here and there: half of them is the worst for what compresses.
const GONE: usize = 10_000;
const AT_ONCE: usize = 2_000;

#[tokio::test]
async fn the_map_of_twenty_thousand_seats_is_small_at_first_and_smaller_later() {
    let platform = Platform::start(env!("CARGO_BIN_EXE_platform-under-test"), Settings::default()).await;
    let organizer = Person::registers(platform.address(), "Olga").await.unwrap();
    let house = amphitheatre(100, 3_000);
    let show: Show = organizer.puts_on_in("The whole town comes", house).await.unwrap();
    let mut seats = seat_ids(&organizer.sees_seat_map(&show.event).await.unwrap());
    assert_eq!(seats.len(), 20_000);
    seats.shuffle(&mut StdRng::seed_from_u64(7));
    for seats in seats[..GONE].chunks(AT_ONCE) {
        organizer.blocks(&show.event, seats, true).await.unwrap();
    }
    let visitor = e2e::anybody(platform.address());
    let query =
        "query($id: ID!) { event(id: $id) { layout { url } seatMap { version sections { key statuses } } } }";
    let event = visitor.does("event", query, json!({ "id": show.event })).await.unwrap();
    let statuses = event["seatMap"]["sections"][0]["statuses"].as_str().unwrap();
    assert_eq!(statuses.matches('b').count(), GONE);

    let client = Client::new();
    let (plan, _) = load(&client, event["layout"]["url"].as_str().unwrap()).await;
    let map = format!("{}/api/tickets/v1/events/{}/seat-map", platform.address().now(), show.event);
    let (first, tag) = load(&client, &map).await;
    assert!(plan + first < FIRST, "{plan} bytes of the plan, and {first} of what can be had");
    let unchanged = client.get(&map).header(IF_NONE_MATCH, &tag).send().await.unwrap();
    assert_eq!((unchanged.status(), unchanged.bytes().await.unwrap().len()), (StatusCode::NOT_MODIFIED, 0));

    let buyer = Person::registers(platform.address(), "Bea").await.unwrap();
    buyer.holds(&show.event, &seats[GONE..GONE + 2]).await.unwrap();
    let (later, other) = load(&client, &map).await;
    assert_ne!(tag, other, "two seats were taken");
    assert!(later < LATER, "{later} bytes");
}

/// How many bytes come, as browsers load it, and which state of it they are.
async fn load(client: &Client, url: &str) -> (usize, HeaderValue) {
    let answer = client.get(url).header(ACCEPT_ENCODING, "gzip, deflate, br").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{url}");
    assert_eq!(answer.headers()[CONTENT_ENCODING], "br", "{url}");
    let tag = answer.headers()[ETAG].clone();
    (answer.bytes().await.unwrap().len(), tag)
}
