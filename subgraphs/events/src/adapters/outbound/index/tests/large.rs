//! How fast a large index is.

use std::time::Instant;

use chrono::TimeDelta;
use kernel::EventId;

use super::{Built, Sold, VIENNA, ZURICH, draft, listing, query};
use crate::{domain::EventSearch, test_stage::now};

/// How many events there are.
const EVENTS: u64 = 1_000_000;

/// Something that is asked, another each time.
type Ask<'a> = Box<dyn Fn(u64) + 'a>;

/// `cargo nextest run --release -p odysseus-events --run-ignored only -E 'test(a_million)' --no-capture`.
#[test]
#[expect(clippy::print_stdout, reason = "it is run for its figures")]
#[ignore = "takes minutes, and tells something of optimized builds alone"]
fn a_million_events_are_searched_within_twenty_milliseconds() {
    let syllables = [
        "ka", "lo", "mi", "ra", "ten", "sol", "bör", "ge", "stra", "vin", "do", "ler", "an", "ton", "qui",
        "fel",
    ];
    let name = |nth: u64| {
        let mut left = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let mut name = String::new();
        for _ in 0..3 + left % 2 {
            name.push_str(syllables[usize::try_from(left % 16).unwrap()]);
            left /= 16;
        }
        name
    };
    let common = ["Jazz", "Festival", "Konzert", "Abend", "Sommer", "Orchester", "Tour", "Nacht"];
    let word = |nth: u64| common[usize::try_from(nth % 8).unwrap()];
    let began = Instant::now();
    let built = Built::empty(&std::env::temp_dir()).unwrap();
    for from in (0..EVENTS).step_by(1_000) {
        let some = (from..EVENTS.min(from + 1_000)).map(|nth| {
            draft(&format!("{} {} {}", name(nth % 30_000), word(nth), name(nth / 7 % 30_000))).with(|it| {
                it.details.performers = vec![name(nth % 20_011)];
                it.details.tags = vec![word(nth / 3).to_owned()];
                it.details.description =
                    (0..18).map(|n| name((nth * 31 + n) % 30_000)).collect::<Vec<_>>().join(" ");
                it.city = if nth % 3 == 0 { ZURICH } else { VIENNA };
                it.price = Some(i64::try_from(nth % 200).unwrap() * 10_000);
                it.details.starts_at += TimeDelta::minutes(i64::try_from(nth % 500_000).unwrap());
                it.details.ends_at += TimeDelta::minutes(i64::try_from(nth % 500_000).unwrap());
            })
        });
        let some: Vec<_> = some.map(|draft| draft.indexed(EventId::new())).collect();
        built.put(&[], &some).unwrap();
    }
    built.commit().unwrap();
    println!("{EVENTS} events: made in {:?}", began.elapsed());
    let misspelt = |nth: u64| {
        let mut name: Vec<char> = name(nth * 17 % 30_000).chars().collect();
        name[2] = 'x';
        name.into_iter().collect::<String>()
    };
    let search =
        |search: EventSearch| drop(built.search(&listing(search, None, 20), Sold::default()).unwrap());
    let asks: [(&str, Ask<'_>); 4] = [
        (
            "two words, one misspelt",
            Box::new(|nth| search(query(&format!("{} {}", word(nth), misspelt(nth))))),
        ),
        (
            "the same with facets",
            Box::new(|nth| {
                let asked = query(&format!("{} {}", word(nth), misspelt(nth)));
                search(asked.clone());
                drop(built.facets(&listing(asked, None, 20)).unwrap());
            }),
        ),
        ("a frequent word", Box::new(|nth| search(query(word(nth))))),
        (
            "suggestions",
            Box::new(|nth| {
                let typed: String = name(nth % 30_000).chars().take(4).collect();
                drop(built.guess(&typed, 8, now(), &Sold::default()).unwrap());
            }),
        ),
    ];
    for (what, ask) in asks {
        let mut times: Vec<_> = (0..300)
            .map(|nth| {
                let began = Instant::now();
                ask(nth);
                began.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!("{what}: p50 {:?}, p99 {:?}", times[150], times[297]);
        if !cfg!(debug_assertions) && what.starts_with("two words") {
            assert!(times[297].as_millis() < 20, "{what}: {:?}", times[297]);
        }
    }
}
