//! What `make web` has built, and how it is sent.

use std::{borrow::Cow, convert::Infallible, path::Path};

use futures::stream;
use hive_router::{
    http::header,
    ntex::{
        http::ResponseBuilder,
        util::Bytes,
        web::{HttpRequest, HttpResponse},
    },
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// In a debug build the files are read when asked for, in a release build they are inside.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Built;

/// Whether `make web` was run before this was built: without it `/` and `/graphiql` say only that they are missing.
pub fn pages_are_built() -> bool {
    file("index.html").is_some() && file("graphiql/index.html").is_some()
}

/// A file by its path in `web/dist`.
pub(super) fn file(path: &str) -> Option<EmbeddedFile> {
    Built::get(path)
}

/// A script, a style, a font: their names change with their contents.
pub(super) async fn asset(request: HttpRequest) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    // What lies compressed beside them is no file of its own.
    let Some(file) = file(path).filter(|_| Path::new(path).extension() != Some("br".as_ref())) else {
        return super::not_found(request.path());
    };
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.metadata.mimetype())
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    send(&request, path, file, &mut response)
}

/// Sends a file, in the form that was compressed beside it where there is one and the client takes it. Others are left to
/// the server, which compresses less but whatever it sends.
fn send(
    request: &HttpRequest,
    path: &str,
    plain: EmbeddedFile,
    response: &mut ResponseBuilder,
) -> HttpResponse {
    let small = takes_brotli(request).then(|| file(&format!("{path}.br"))).flatten();
    match small {
        Some(small) => {
            let bytes = bytes(small.data);
            response.header(header::CONTENT_ENCODING, "br").content_length(bytes.len() as u64);
            // What is sent as a stream is not compressed once more.
            response.streaming(stream::iter([Ok::<_, Infallible>(bytes)]))
        }
        None => response.body(plain.data.into_owned()),
    }
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

/// Whether a client takes brotli, by RFC 9110, 12.5.3. One that says so by `*` alone is not served by it.
fn takes_brotli(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING);
    accepted.and_then(|codings| codings.to_str().ok()).is_some_and(names_brotli)
}

fn names_brotli(codings: &str) -> bool {
    codings.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_brotli = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
        let weight =
            parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse::<f64>().ok());
        is_brotli && weight.unwrap_or(1.0) > 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::names_brotli;

    #[test]
    fn brotli_goes_to_who_takes_it_and_to_nobody_who_refuses_it() {
        for codings in ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, BR ;q=0.1"] {
            assert!(names_brotli(codings), "{codings}");
        }
        for codings in ["", "gzip", "br;q=0", "gzip, br; q=0.0", "*"] {
            assert!(!names_brotli(codings), "{codings}");
        }
    }
}
