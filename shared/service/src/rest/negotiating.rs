use axum::http::{HeaderMap, HeaderName};

/// True when one of the items of a header such as `If-None-Match` or `Accept-Encoding` is this one, and is not ruled out by
/// a quality of 0. A tag in quotes is also meant by `*`.
pub(crate) fn names(headers: &HeaderMap, header: &HeaderName, item: &str) -> bool {
    let values = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| {
        let mut parts = one.trim().split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| {
            name.trim_start_matches("W/").eq_ignore_ascii_case(item) || (name == "*" && item.starts_with('"'))
        });
        named && !parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)))
    })
}
