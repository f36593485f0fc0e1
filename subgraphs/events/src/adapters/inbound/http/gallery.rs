//! The pictures of an event beside the first.

use axum::{extract::State, http::StatusCode};
use kernel::{EventId, Id, ImageId, each};
use serde::Deserialize;
use service::{
    Caller,
    rest::{Answer, Conflict, Forbidden, Json, NotFound, Path, Query, TooManyRequests},
};
use utoipa::ToSchema;

use super::images::{Image, OfEvent, Picture, PublicUrl, Said, Upload};
use crate::domain::Events;

/// Which picture of which event.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct OneOfEvent {
    /// The event's id.
    #[param(value_type = String, pattern = "^(evt_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    event_id: EventId,
    /// The picture's id.
    #[param(value_type = String, pattern = "^(img_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "img_0190163d-8694-739b-aea5-966c26f8ad90")]
    image_id: ImageId,
}

/// An event's pictures in another order.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Arrangement {
    /// The ids of its pictures from the first to the last, each of them once.
    #[schema(max_items = 12, example = json!(["img_0190163d-8694-739b-aea5-966c26f8ad90"]))]
    image_ids: Vec<String>,
}

/// An event's pictures.
#[derive(serde::Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Gallery {
    /// In their order. The first stands for the event in lists.
    images: Vec<Image>,
}

/// Gives an event one more picture, behind those it has.
///
/// For owners and managers of the event's organization, until the event begins. An event has at most 12. What is sent is the
/// same as with `setEventImage`, and counts alike. A picture that the event has already with the same words changes nothing.
#[utoipa::path(post, path = "/events/{eventId}/images", operation_id = "addEventImage", tag = "images",
    params(OfEvent, Said),
    request_body(content((Picture = "image/jpeg"), (Picture = "image/png"), (Picture = "image/webp")),
        description = "The picture."),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER"]}))),
    responses((status = 200, description = "The picture, with its files.", body = Image), Forbidden, NotFound, Conflict,
        TooManyRequests))]
pub(super) async fn add_event_image(
    State(events): State<Events>,
    State(base): State<PublicUrl>,
    caller: Caller,
    Path(event): Path<OfEvent>,
    Query(said): Query<Said>,
    upload: Upload,
) -> Answer<Json<Image>> {
    let image = events.add_image(caller.user, event.event_id, upload.with(said)).await?;
    Ok(Json(Image::of(image, &base)))
}

/// Shows an event's pictures in another order.
///
/// For owners and managers of the event's organization, until the event begins. The first stands for the event in lists.
#[utoipa::path(put, path = "/events/{eventId}/images", operation_id = "arrangeEventImages", tag = "images",
    params(OfEvent), request_body(content = Arrangement, description = "The order."),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER"]}))),
    responses((status = 200, description = "The pictures in their order.", body = Gallery), Forbidden, NotFound, Conflict))]
pub(super) async fn arrange_event_images(
    State(events): State<Events>,
    State(base): State<PublicUrl>,
    caller: Caller,
    Path(event): Path<OfEvent>,
    Json(arrangement): Json<Arrangement>,
) -> Answer<Json<Gallery>> {
    let image = |(at, id): (usize, &String)| Id::parse(&format!("imageIds[{at}]"), id);
    let order = each(arrangement.image_ids.iter().enumerate().map(image))?;
    let found = events.arrange_images(caller.user, event.event_id, order).await?;
    let shown = &found.event.snapshot().images;
    let mut read = events.reads.images(shown).await?;
    read.sort_by_key(|image| shown.iter().position(|id| *id == image.id));
    Ok(Json(Gallery { images: read.into_iter().map(|image| Image::of(image, &base)).collect() }))
}

/// Takes one of an event's pictures away.
///
/// For owners and managers of the event's organization, until the event begins. Pages that are open show it for a day yet.
/// Where it is gone already the event stays as it is.
#[utoipa::path(delete, path = "/events/{eventId}/images/{imageId}", operation_id = "removeOneEventImage", tag = "images",
    params(OneOfEvent), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER"]}))),
    responses((status = 204, description = "The event does not have the picture."), Forbidden, NotFound, Conflict))]
pub(super) async fn remove_one_event_image(
    State(events): State<Events>,
    caller: Caller,
    Path(which): Path<OneOfEvent>,
) -> Answer<StatusCode> {
    events.remove_image(caller.user, which.event_id, which.image_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
