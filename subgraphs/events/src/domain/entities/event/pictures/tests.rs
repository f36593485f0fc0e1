use chrono::TimeDelta;
use contracts::events::EventChanged;

use super::{
    super::tests::{now, published, told, venue},
    *,
};

/// What shows, in order, must be exactly this.
fn shows(event: &Event, expected: &[ImageId]) {
    assert_eq!(event.snapshot().images, expected);
}

fn told_once(event: &mut Event) -> EventChanged {
    let mut told = told(event);
    assert_eq!(told.len(), 1);
    told.remove(0)
}

#[test]
fn a_picture_is_told_once_and_stays_once_the_event_has_begun() {
    let venue = venue();
    let mut event = published(&venue);
    told(&mut event);
    let version = event.snapshot().version;
    let image = ImageId::new();
    assert_eq!(event.show_image(image, &venue, now()).unwrap(), None);
    assert_eq!(event.show_image(image, &venue, now()).unwrap(), None);
    let told = told_once(&mut event);
    assert_eq!((told.version, told.change), (version + 1, EventChange::Updated));
    let begun = event.details().starts_at;
    let refused = [
        event.show_image(ImageId::new(), &venue, begun).unwrap_err(),
        event.add_image(ImageId::new(), &venue, begun).unwrap_err(),
        event.arrange_images(vec![image], &venue, begun).unwrap_err(),
        event.remove_image(image, &venue, begun).unwrap_err(),
        event.remove_images(&venue, begun).unwrap_err(),
    ];
    for refusal in refused {
        assert_eq!(refusal.reason, reasons::EVENT_BEGUN.name());
    }
    shows(&event, &[image]);
}

#[test]
fn pictures_are_shown_in_the_order_they_came_in_and_another_first_one_takes_the_place_of_the_first() {
    let venue = venue();
    let mut event = published(&venue);
    let [one, two, three, other] = [(); 4].map(|()| ImageId::new());
    for image in [one, two, three] {
        event.add_image(image, &venue, now()).unwrap();
    }
    shows(&event, &[one, two, three]);
    assert_eq!(event.show_image(other, &venue, now()).unwrap(), Some(one));
    shows(&event, &[other, two, three]);
    assert!(event.remove_image(other, &venue, now()).unwrap());
    shows(&event, &[two, three]);
    told(&mut event);
    assert!(!event.remove_image(other, &venue, now()).unwrap(), "it is gone already");
    assert!(told(&mut event).is_empty());
    assert_eq!(event.remove_images(&venue, now()).unwrap(), [two, three]);
    shows(&event, &[]);
    let over = now() + TimeDelta::days(9);
    assert_eq!(event.remove_images(&venue, over).unwrap(), [], "where there is none, nothing changes");
}

#[test]
fn an_order_names_each_picture_once() {
    let venue = venue();
    let mut event = published(&venue);
    let [one, two, foreign] = [(); 3].map(|()| ImageId::new());
    event.add_image(one, &venue, now()).unwrap();
    event.add_image(two, &venue, now()).unwrap();
    told(&mut event);
    for wrong in [vec![], vec![two], vec![two, two], vec![one, two, one], vec![one, foreign]] {
        let refusal = event.arrange_images(wrong, &venue, now()).unwrap_err();
        assert_eq!(
            (&refusal.details["field"], refusal.reason.as_ref()),
            (&"imageIds".into(), "INCONSISTENT")
        );
    }
    assert!(!event.arrange_images(vec![one, two], &venue, now()).unwrap(), "so they are");
    assert!(told(&mut event).is_empty());
    assert!(event.arrange_images(vec![two, one], &venue, now()).unwrap());
    shows(&event, &[two, one]);
    told_once(&mut event);
}

#[test]
fn an_event_has_at_most_twelve_pictures() {
    let venue = venue();
    let mut event = published(&venue);
    for _ in 0..12 {
        event.add_image(ImageId::new(), &venue, now()).unwrap();
    }
    let refusal = event.add_image(ImageId::new(), &venue, now()).unwrap_err();
    assert_eq!(refusal.reason, reasons::TOO_MANY_IMAGES.name());
    assert!(event.show_image(ImageId::new(), &venue, now()).is_ok(), "the first is replaced all the same");
    assert_eq!(event.snapshot().images.len(), MOST_IMAGES);
}
