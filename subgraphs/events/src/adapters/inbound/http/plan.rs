use axum::{extract::State, http::HeaderMap, response::Response};
use kernel::{Error, LayoutId, Refusal, Viewer};
use moka::future::Cache;
use serde::Deserialize;
use service::{
    Caller,
    rest::{Answer, Kept, NotFound, Path, ReadyAnswers},
};

use super::plan_json::LayoutPlan;
use crate::domain::Events;

/// How many bytes of plans are kept ready.
const READY: u64 = 32 * 1024 * 1024;
/// Of how many layouts it is remembered that everybody may see them.
const REMEMBERED: u64 = 10_000;

/// Plans that are ready to be sent.
#[derive(Clone)]
pub(super) struct Plans {
    ready: ReadyAnswers<LayoutId>,
    /// What was shown once is shown for ever.
    public: Cache<LayoutId, ()>,
}

impl Default for Plans {
    fn default() -> Self {
        Self { ready: ReadyAnswers::new(READY, None), public: Cache::new(REMEMBERED) }
    }
}

/// Which layout.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct Which {
    /// The layout's id.
    #[param(value_type = String, pattern = "^(lay_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "lay_0190163d-8694-739b-aea5-966c26f8ad90")]
    layout_id: LayoutId,
}

/// A seating plan, its seats in columns.
///
/// A layout never changes, so that this may be kept for a year. It is sent compressed by brotli to whoever takes that: some
/// 20,000 seats are less than 100 kB then. Seats in the order of their sections, rows and columns are those of a seat map's
/// statuses. Everybody reads the plan of a published event, members of the organization any.
#[utoipa::path(get, path = "/layouts/{layoutId}/plan.json", operation_id = "getLayoutPlan", tag = "layouts",
    params(Which), security((), ("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["PUBLIC"], "hidden": ["SCANNER", "BOX_OFFICE", "MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "The plan.", body = LayoutPlan),
        (status = 304, description = "It is what the client has."), NotFound))]
pub(super) async fn layout_plan(
    State(events): State<Events>,
    State(plans): State<Plans>,
    caller: Option<Caller>,
    headers: HeaderMap,
    Path(which): Path<Which>,
) -> Answer<Response> {
    let id = which.layout_id;
    let public = plans.public.get(&id).await.is_some() || {
        let seen = events.layout_is_public(caller.map(Viewer::from).unwrap_or_default(), id).await?;
        let public = seen.ok_or_else(|| Refusal::not_found("layout"))?;
        if public {
            plans.public.insert(id, ()).await;
        }
        public
    };
    let kept = Kept { tag: id.to_string(), public, how: "max-age=31536000, immutable" };
    if let Some(unchanged) = kept.unchanged(&headers) {
        return Ok(unchanged);
    }
    let read = async {
        let plan = events.reads.plan(id).await?.ok_or_else(|| Refusal::not_found("layout"))?;
        Ok::<_, Error>(move || LayoutPlan::from(plan))
    };
    let plan = plans.ready.of(id, "writing a plan", read).await?;
    Ok(kept.send(&headers, &plan))
}
