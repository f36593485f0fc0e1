use std::{io::Cursor, sync::Arc};

use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{IntoResponse, Response},
};
use brotli::enc::BrotliEncoderParams;
use kernel::{Error, Fault, LayoutId, Refusal, Result};
use moka::future::Cache;
use serde::Deserialize;
use service::{
    Caller,
    rest::{Answer, NotFound, Path, names},
};

use super::plan_json::LayoutPlan;
use crate::domain::Events;

/// How many bytes of plans are kept ready.
const READY: u64 = 32 * 1024 * 1024;
/// Of how many layouts it is remembered that everybody may see them.
const REMEMBERED: u64 = 10_000;
/// Little work for nearly as little to send.
const QUALITY: i32 = 5;

/// Plans that are ready to be sent.
#[derive(Clone)]
pub(super) struct Plans {
    ready: Cache<LayoutId, Arc<Ready>>,
    /// What was shown once is shown for ever.
    public: Cache<LayoutId, ()>,
}

/// A plan as it is sent.
struct Ready {
    json: Bytes,
    brotli: Bytes,
}

impl Default for Plans {
    fn default() -> Self {
        let weight = |_: &LayoutId, ready: &Arc<Ready>| {
            u32::try_from(ready.json.len() + ready.brotli.len()).unwrap_or(u32::MAX)
        };
        Self {
            ready: Cache::builder().max_capacity(READY).weigher(weight).build(),
            public: Cache::new(REMEMBERED),
        }
    }
}

impl Plans {
    /// The plan, made once however many ask for it.
    async fn of(&self, events: &Events, id: LayoutId) -> Result<Arc<Ready>> {
        let made = self.ready.try_get_with(id, made(events, id)).await;
        made.map_err(|error| match error.as_ref() {
            Error::Refused(refusal) => refusal.clone().into(),
            Error::Broken(fault) => {
                Fault { passing: fault.passing, ..Fault::new("making a plan", error) }.into()
            }
        })
    }
}

async fn made(events: &Events, id: LayoutId) -> Result<Arc<Ready>> {
    let plan = events.reads.plan(id).await?.ok_or_else(|| Refusal::not_found("layout"))?;
    let doing = "writing a plan";
    let written = tokio::task::spawn_blocking(move || {
        let json = serde_json::to_vec(&LayoutPlan::from(plan)).map_err(|cause| Fault::new(doing, cause))?;
        let parameters = BrotliEncoderParams { quality: QUALITY, ..BrotliEncoderParams::default() };
        let mut brotli = Vec::new();
        brotli::BrotliCompress(&mut Cursor::new(&json), &mut brotli, &parameters)
            .map_err(|cause| Fault::new(doing, cause))?;
        Ok::<_, Fault>(Ready { json: json.into(), brotli: brotli.into() })
    });
    Ok(Arc::new(written.await.map_err(|cause| Fault::new(doing, cause))??))
}

/// Which layout.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct Which {
    /// The layout's id.
    #[param(value_type = uuid::Uuid)]
    layout_id: LayoutId,
}

/// A seating plan, its seats in columns.
///
/// A layout never changes, so that this may be kept for a year. It is sent compressed by brotli to whoever takes that: some
/// 20,000 seats are less than 100 kB then. Seats in the order of their sections, rows and columns are those of a seat map's
/// statuses. Everybody reads the plan of a published event, members of the organization any.
#[utoipa::path(get, path = "/layouts/{layoutId}/plan.json", operation_id = "getLayoutPlan", tag = "layouts",
    params(Which), security((), ("bearerAuth" = [])),
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
        let seen = events.layout_is_public(caller.map(|caller| caller.user), id).await?;
        let public = seen.ok_or_else(|| Refusal::not_found("layout"))?;
        if public {
            plans.public.insert(id, ()).await;
        }
        public
    };
    let whose = if public { "public" } else { "private" };
    let kept = HeaderValue::from_str(&format!("{whose}, max-age=31536000, immutable"));
    let kept = kept.map_err(|cause| Fault::new("writing a header", cause))?;
    let tag = format!("\"{id}\"");
    let of_all = [(CACHE_CONTROL, kept), (VARY, HeaderValue::from_static("Accept-Encoding"))];
    if names(&headers, &IF_NONE_MATCH, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, of_all, [(ETAG, tag)]).into_response());
    }
    let plan = plans.of(&events, id).await?;
    let json = [(ETAG, tag), (CONTENT_TYPE, "application/json".to_owned())];
    Ok(if names(&headers, &ACCEPT_ENCODING, "br") {
        (of_all, json, [(CONTENT_ENCODING, "br")], plan.brotli.clone()).into_response()
    } else {
        (of_all, json, plan.json.clone()).into_response()
    })
}
