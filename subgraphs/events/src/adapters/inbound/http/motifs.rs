//! Views from sections of layouts, and pictures of performers.

use axum::{extract::State, http::StatusCode};
use kernel::{LayoutId, OrganizationId, Refusal, Viewer};
use serde::{Deserialize, Serialize};
use service::{
    Caller,
    rest::{Answer, Caching, Conflict, Forbidden, Json, NotFound, Path, Query, TooManyRequests},
};
use utoipa::ToSchema;

use super::{
    FRESH,
    images::{Image, Picture, PublicUrl, Said, Upload},
};
use crate::domain::{Events, Motif, PerformerId};

/// Which layout.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfLayout {
    /// The layout's id.
    #[param(value_type = String, pattern = "^(lay_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "lay_0190163d-8694-739b-aea5-966c26f8ad90")]
    layout_id: LayoutId,
}

/// Which section of which layout.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfSection {
    /// The layout's id.
    #[param(value_type = String, pattern = "^(lay_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "lay_0190163d-8694-739b-aea5-966c26f8ad90")]
    layout_id: LayoutId,
    /// The section's key.
    #[param(min_length = 1, max_length = 40, example = "STALLS")]
    section: String,
}

/// Which performer of which organization.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfPerformer {
    /// The organization's id.
    #[param(value_type = String, pattern = "^(org_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "org_0190163d-8694-739b-aea5-966c26f8ad90")]
    organization_id: OrganizationId,
    /// The performer's id, as `Performer.id` of the graph tells it.
    #[param(pattern = "^prf_[0-9a-f]{32}$", example = "prf_2c26b46b68ffc68ff99b453c1d304134")]
    performer_id: String,
}

/// What is seen from the sections of a layout.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SectionViews {
    /// Those of which there is a picture, in the order of the sections.
    items: Vec<SectionView>,
}

/// What is seen from a section.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SectionView {
    /// The section's key.
    section: String,
    /// What is seen.
    image: Image,
}

/// What is seen from the sections of a layout.
///
/// Pictures are kept beside the layout, which never changes. Everybody sees those of a published event's layout, members of the
/// organization any.
#[utoipa::path(get, path = "/layouts/{layoutId}/views", operation_id = "getSectionViews", tag = "layouts",
    params(OfLayout), security((), ("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["PUBLIC"], "hidden": ["SCANNER", "BOX_OFFICE", "MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "What is seen.", body = SectionViews),
        (status = 304, description = "It is what the client has."), NotFound))]
pub(super) async fn section_views(
    State(events): State<Events>,
    State(base): State<PublicUrl>,
    caller: Option<Caller>,
    Path(which): Path<OfLayout>,
) -> Answer<(Caching, Json<SectionViews>)> {
    let caching = Caching::by_caller(caller.as_ref(), FRESH);
    let id = which.layout_id;
    let seen = events.layout_is_public(caller.map(Viewer::from).unwrap_or_default(), id).await?;
    seen.ok_or_else(|| Refusal::not_found("layout"))?;
    let sections = events.reads.sections(&[id]).await?.remove(&id).unwrap_or_default();
    let motifs: Vec<Motif> = sections.iter().map(|section| Motif::view(id, &section.key)).collect();
    let mut shown = events.reads.motifs(&motifs).await?;
    let view = |motif: Motif| {
        let image = Image::of(shown.remove(&motif)?, &base);
        Some(SectionView { section: motif.key, image })
    };
    Ok((caching, Json(SectionViews { items: motifs.into_iter().filter_map(view).collect() })))
}

/// Shows what is seen from a section of a layout, in place of the picture that is there.
///
/// For owners and managers of the layout's organization, at any time: the picture is kept beside the layout, which never changes.
/// What is sent is the same as with `setEventImage`, and counts alike. The same picture with the same words as are there changes
/// nothing.
#[utoipa::path(put, path = "/layouts/{layoutId}/sections/{section}/view", operation_id = "setSectionView", tag = "images",
    params(OfSection, Said),
    request_body(content((Picture = "image/jpeg"), (Picture = "image/png"), (Picture = "image/webp")),
        description = "The picture."),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER"]}))),
    responses((status = 200, description = "The picture, with its files.", body = Image), Forbidden, NotFound,
        TooManyRequests))]
pub(super) async fn set_section_view(
    State(events): State<Events>,
    State(base): State<PublicUrl>,
    caller: Caller,
    Path(which): Path<OfSection>,
    Query(said): Query<Said>,
    upload: Upload,
) -> Answer<Json<Image>> {
    let image =
        events.set_section_view(caller.user, which.layout_id, &which.section, upload.with(said)).await?;
    Ok(Json(Image::of(image, &base)))
}

/// Shows nothing any more of what is seen from a section of a layout.
///
/// For owners and managers of the layout's organization. Pages that are open show it for a day yet. A section without a picture
/// stays as it is.
#[utoipa::path(delete, path = "/layouts/{layoutId}/sections/{section}/view", operation_id = "removeSectionView",
    tag = "images", params(OfSection), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER"]}))),
    responses((status = 204, description = "The section has no picture."), Forbidden, NotFound))]
pub(super) async fn remove_section_view(
    State(events): State<Events>,
    caller: Caller,
    Path(which): Path<OfSection>,
) -> Answer<StatusCode> {
    events.remove_section_view(caller.user, which.layout_id, &which.section).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows a picture of a performer at all events of an organization, in place of the one that is there.
///
/// For owners and managers of the organization, who keep pictures of at most 500 performers. Other organizations' events do not
/// show it. What is sent is the same as with `setEventImage`, and counts alike. The same picture with the same words as are there
/// changes nothing. The performer may be one whom no event names yet.
#[utoipa::path(put, path = "/organizations/{organizationId}/performers/{performerId}/image",
    operation_id = "setPerformerImage", tag = "images", params(OfPerformer, Said),
    request_body(content((Picture = "image/jpeg"), (Picture = "image/png"), (Picture = "image/webp")),
        description = "The picture."),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER"]}))),
    responses((status = 200, description = "The picture, with its files.", body = Image), Forbidden, Conflict,
        TooManyRequests))]
pub(super) async fn set_performer_image(
    State(events): State<Events>,
    State(base): State<PublicUrl>,
    caller: Caller,
    Path(which): Path<OfPerformer>,
    Query(said): Query<Said>,
    upload: Upload,
) -> Answer<Json<Image>> {
    let performer = PerformerId::parse("performerId", &which.performer_id)?;
    let image =
        events.set_performer_image(caller.user, which.organization_id, &performer, upload.with(said)).await?;
    Ok(Json(Image::of(image, &base)))
}

/// Shows no picture any more of a performer at events of an organization.
///
/// For owners and managers of the organization. Pages that are open show it for a day yet. A performer without a picture stays
/// so.
#[utoipa::path(delete, path = "/organizations/{organizationId}/performers/{performerId}/image",
    operation_id = "removePerformerImage", tag = "images", params(OfPerformer), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER"]}))),
    responses((status = 204, description = "The performer has no picture."), Forbidden))]
pub(super) async fn remove_performer_image(
    State(events): State<Events>,
    caller: Caller,
    Path(which): Path<OfPerformer>,
) -> Answer<StatusCode> {
    let performer = PerformerId::parse("performerId", &which.performer_id)?;
    events.remove_performer_image(caller.user, which.organization_id, &performer).await?;
    Ok(StatusCode::NO_CONTENT)
}
