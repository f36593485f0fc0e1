use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, State},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use kernel::{EventId, ImageId, Public, Refusal, kinds, reasons};
use serde::{Deserialize, Serialize};
use service::{
    Caller,
    rest::{Answer, Caching, Conflict, Forbidden, Json, NotFound, Path, Problem, Query, TooManyRequests},
};
use utoipa::ToSchema;

use super::super::graphql::{enums, image::url_of};
use crate::domain::{self, Events, ImageFormat, SetImage, entities::image::UploadType};

/// The largest picture that is read, in bytes.
pub(super) const LARGEST: usize = 10 * 1024 * 1024;
/// A year, in seconds.
const YEAR: u32 = 365 * 24 * 60 * 60;

/// Where clients reach the platform.
#[derive(Clone)]
pub(super) struct PublicUrl(pub(super) Arc<str>);

/// Of which event.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfEvent {
    /// The event's id.
    #[param(value_type = String, pattern = "^(evt_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    pub(super) event_id: EventId,
}

/// What is said of a picture.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Said {
    /// What it shows, in one line, for those who do not see it.
    #[param(min_length = 1, max_length = 500, example = "A prince holds a skull in the light of one lamp.")]
    pub(super) alt_text: String,
}

/// Which file of which picture.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct WhichFile {
    /// The picture's id.
    #[param(value_type = String, pattern = "^(img_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "img_0190163d-8694-739b-aea5-966c26f8ad90")]
    image_id: ImageId,
    /// Its width in pixels and its format: `640.avif`, `640.webp` or `640.jpg`.
    #[param(pattern = "^[1-9][0-9]{0,3}\\.(avif|webp|jpg)$", example = "640.avif")]
    file: String,
}

/// A picture of an event, of a performer, or from a section of a layout.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Image {
    /// Its id.
    #[schema(value_type = String, example = "img_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Image>,
    /// What it shows, for those who do not see it.
    alt_text: String,
    /// How wide it was sent, in pixels, upright.
    width: u32,
    /// How high it was sent, in pixels, upright.
    height: u32,
    /// A few pixels of it as a `data:` address, to be shown until the picture is there.
    placeholder: Option<String>,
    /// Its files, the narrowest first, each width in every format.
    files: Vec<ImageFile>,
}

/// A picture in one width and one format.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct ImageFile {
    /// Where it is.
    #[schema(format = "uri")]
    url: String,
    /// In what it is written.
    format: enums::ImageFormat,
    /// How wide, in pixels.
    width: u32,
    /// How high, in pixels.
    height: u32,
}

impl Image {
    pub(super) fn of(image: domain::Image, base: &PublicUrl) -> Self {
        let files = image.widths.iter().flat_map(|width| {
            let size = image.file(*width);
            ImageFormat::ALL.map(|format| ImageFile {
                url: url_of(&base.0, image.id, *width, format),
                format: format.into(),
                width: size.width,
                height: size.height,
            })
        });
        Self {
            id: image.id.public(),
            width: image.size.width,
            height: image.size.height,
            files: files.collect(),
            alt_text: image.alt_text,
            placeholder: image.placeholder,
        }
    }
}

/// The bytes of a picture, in a document.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(super) struct Picture(#[expect(dead_code, reason = "a document has only its type")] Vec<u8>);

/// A picture that somebody sends.
pub(super) struct Upload {
    of: UploadType,
    bytes: Bytes,
}

impl Upload {
    /// It, with what is said of it.
    pub(super) fn with(self, said: Said) -> SetImage {
        SetImage { alt_text: said.alt_text, of: self.of, bytes: self.bytes.into() }
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let named = request.headers().get(CONTENT_TYPE).and_then(|name| name.to_str().ok());
        let of =
            named.and_then(|name| UploadType::from_media_type(name.split(';').next().unwrap_or_default()));
        let Some(of) = of else {
            let refusal = Refusal::bad_input("Content-Type", "must be image/jpeg, image/png or image/webp");
            let refusal = refusal.because(reasons::UNSUPPORTED_MEDIA_TYPE);
            return Err(Problem::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, refusal).into_response());
        };
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let message = format!("must be a picture of at most {LARGEST} bytes");
                let refusal = Refusal::bad_input("body", message).because(reasons::BODY_TOO_LARGE);
                return Problem::with_status(StatusCode::PAYLOAD_TOO_LARGE, refusal).into_response();
            }
            let refusal = Refusal::bad_input("body", "must be a picture that arrives whole");
            Problem::from(refusal.because(reasons::UNREADABLE_REQUEST)).into_response()
        })?;
        Ok(Self { of, bytes })
    }
}

/// Gives an event a picture, in place of the first it has.
///
/// For owners and managers of the event's organization, until the event begins. The body is the picture itself: JPEG, PNG or
/// `WebP`, at most 10 MB, 24 megapixels, and 8,000 pixels wide and high. It is turned as the camera says, and everything that a
/// camera wrote beside the pixels is left out, such as the place. What is transparent becomes white; of what moves, the first
/// moment stays. The answer comes when its files are there, some seconds later. The same picture with the same words as are
/// there changes nothing. An organization sends 20 pictures at once, and then one more every three minutes. Whoever has the
/// address of a file sees it, also that of a draft: nobody can guess it.
#[utoipa::path(put, path = "/events/{eventId}/image", operation_id = "setEventImage", tag = "images",
    params(OfEvent, Said),
    request_body(content((Picture = "image/jpeg"), (Picture = "image/png"), (Picture = "image/webp")),
        description = "The picture."),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER"]}))),
    responses((status = 200, description = "The picture, with its files.", body = Image), Forbidden, NotFound, Conflict,
        TooManyRequests))]
pub(super) async fn set_event_image(
    State(events): State<Events>,
    State(base): State<PublicUrl>,
    caller: Caller,
    Path(event): Path<OfEvent>,
    Query(said): Query<Said>,
    upload: Upload,
) -> Answer<Json<Image>> {
    let image = events.set_image(caller.user, event.event_id, upload.with(said)).await?;
    Ok(Json(Image::of(image, &base)))
}

/// Takes all of an event's pictures away.
///
/// For owners and managers of the event's organization, until the event begins. Pages that are open show them for a day yet. An
/// event without a picture stays as it is.
#[utoipa::path(delete, path = "/events/{eventId}/image", operation_id = "removeEventImage", tag = "images",
    params(OfEvent), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER"]}))),
    responses((status = 204, description = "The event has no picture."), Forbidden, NotFound, Conflict))]
pub(super) async fn remove_event_image(
    State(events): State<Events>,
    caller: Caller,
    Path(event): Path<OfEvent>,
) -> Answer<StatusCode> {
    events.remove_images(caller.user, event.event_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A file of a picture.
///
/// Which there are say `Image.url` of the graph and the answer to whoever sent it. A file never changes, so that it may be kept
/// for a year. It is there for whoever has its address, also that of a draft's picture: nobody can guess it.
#[utoipa::path(get, path = "/images/{imageId}/{file}", operation_id = "getImage", tag = "images", params(WhichFile),
    extensions(("x-access" = json!({"who": ["PUBLIC"]}))),
    responses((status = 200, description = "The file.",
        content(("image/avif"), ("image/webp"), ("image/jpeg"))),
        (status = 304, description = "It is what the client has."), NotFound))]
pub(super) async fn image(
    State(events): State<Events>,
    Path(which): Path<WhichFile>,
) -> Answer<impl IntoResponse> {
    let missing = || Refusal::not_found("file");
    let (width, extension) = which.file.split_once('.').ok_or_else(missing)?;
    let format = ImageFormat::from_extension(extension).ok_or_else(missing)?;
    let width = width.parse().map_err(|_| missing())?;
    let bytes = events.reads.image_file(which.image_id, width, format).await?.ok_or_else(missing)?;
    let headers =
        [(CONTENT_TYPE, format.media_type()), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((Caching::same_for_all(YEAR), headers, bytes))
}
