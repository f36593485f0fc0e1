use std::collections::HashSet;

use kernel::{Clock as _, SystemClock};

use super::*;
use crate::demo::programme::{Offer, programme};

#[test]
fn posters_are_of_events_that_are_not_called_off_and_of_each_category() {
    let programme = programme(SystemClock.now());
    let shown = POSTERS.each_ref().map(|poster| {
        let planned = programme.iter().find(|planned| planned.title == poster.of);
        planned.unwrap_or_else(|| panic!("“{}” is not in the programme", poster.of))
    });
    assert!(shown.iter().all(|planned| planned.offer != Offer::Cancelled));
    let of = |what: fn(&Planned) -> String| {
        shown.iter().map(|planned| what(planned)).collect::<HashSet<_>>().len()
    };
    assert_eq!(of(|planned| planned.title.to_owned()), POSTERS.len(), "an event has one picture");
    assert_eq!(of(|planned| format!("{:?}", planned.category)), 6);
}

#[test]
fn each_poster_is_another_picture_whose_colours_cover_all_of_it() {
    let mut seen = HashSet::new();
    for poster in &POSTERS {
        let bytes = draw(&poster.motif.svg(&poster.palette, poster.x), (WIDTH, HEIGHT)).unwrap();
        let picture = Pixmap::decode_png(&bytes).unwrap();
        assert_eq!((picture.width(), picture.height()), (WIDTH, HEIGHT));
        assert!(picture.pixels().iter().all(|pixel| pixel.alpha() == u8::MAX), "{}", poster.of);
        let colours = picture.pixels().iter().map(|pixel| (pixel.red(), pixel.green(), pixel.blue()));
        let count = colours.collect::<HashSet<_>>().len();
        assert!(count > 800, "{}: {count} colours", poster.of);
        assert!(seen.insert(bytes), "{}", poster.of);
    }
}

#[test]
fn portraits_are_of_who_performs_and_views_from_sections_that_there_are() {
    let programme = programme(SystemClock.now());
    let named: HashSet<&str> = programme.iter().flat_map(|planned| planned.performers).copied().collect();
    let shown: HashSet<&str> = PORTRAITS.iter().map(|portrait| portrait.of).collect();
    assert_eq!(shown.len(), PORTRAITS.len(), "each is shown once");
    assert!(shown.is_subset(&named), "{:?}", shown.difference(&named));
    for stage in view::STAGES {
        let sections: HashSet<String> = stage.sections().into_iter().map(|section| section.key).collect();
        for view in view::of(stage.house()) {
            assert!(sections.contains(view.section), "{stage:?} has no {}", view.section);
        }
    }
}

#[test]
fn what_is_seen_differs_from_section_to_section_in_the_picture_and_in_words() {
    let (mut pictures, mut words) = (HashSet::new(), HashSet::new());
    let mut count = 0;
    for stage in view::STAGES {
        for view in view::of(stage.house()) {
            count += 1;
            let bytes = draw(&view.svg(stage.house()), (view::WIDTH, view::HEIGHT)).unwrap();
            assert!(pictures.insert(bytes), "{}", view.section);
            assert!(words.insert(view.alt_text()), "{}", view.alt_text());
        }
    }
    for portrait in &PORTRAITS {
        assert!(pictures.insert(draw(&portrait.svg(), (portrait::SIDE, portrait::SIDE)).unwrap()));
        assert!(words.insert(portrait.alt_text()));
    }
    assert_eq!(words.len(), count + PORTRAITS.len());
}
