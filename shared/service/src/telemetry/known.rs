use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// Which fields of spans each line within them has, and how they are called there.
pub(super) const CARRIED: [(&str, &str); 3] =
    [("service", "service"), ("user.id", "user_id"), ("request.id", "request_id")];

/// Remembers what a span says about whom and whose work it is.
pub(super) struct Known;

/// What a span says; in the order of [`CARRIED`].
#[derive(Default)]
pub(super) struct Said(pub(super) [Option<String>; CARRIED.len()]);

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Known {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut said = Said::default();
        attributes.record(&mut said);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(said);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(said) = span.extensions_mut().get_mut::<Said>()
        {
            values.record(said);
        }
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        if let Some(place) = CARRIED.iter().position(|(name, _)| *name == field.name()) {
            self.0[place] = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if CARRIED.iter().any(|(name, _)| *name == field.name()) {
            self.record_str(field, &format!("{value:?}"));
        }
    }
}
