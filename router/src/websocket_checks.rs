use anyhow::anyhow;
use hive_router::{
    GraphQLError,
    config::limits::LimitsConfig,
    graphql_tools::validation::{
        rules::default_rules_validation_plan,
        validate::{ValidationPlan, validate},
    },
    pipeline::validation::{
        max_aliases_rule::MaxAliasesRule, max_depth_rule::MaxDepthRule,
        max_directives_rule::MaxDirectivesRule,
    },
    query_planner::{
        consumer_schema::ConsumerSchema,
        utils::parsing::{safe_parse_operation_with_token_limit, safe_parse_schema},
    },
};

/// Checks an operation that came over WebSocket before hive-router does.
///
/// Hive's own refusal on a WebSocket is a bare "Validation errors" that plugins cannot reword: it would name neither
/// the limit nor the field. So the same rules are applied here first, where an answer can be given.
pub(crate) struct WebSocketChecks {
    schema: ConsumerSchema,
    rules: ValidationPlan,
    max_tokens: usize,
}

impl WebSocketChecks {
    pub(crate) fn new(supergraph: &str, limits: &LimitsConfig) -> anyhow::Result<Self> {
        let supergraph = safe_parse_schema(supergraph).map_err(|error| anyhow!("the supergraph: {error}"))?;
        let mut rules = default_rules_validation_plan();
        if let Some(config) = limits.max_depth.clone() {
            rules.add_rule(Box::new(MaxDepthRule { config }));
        }
        if let Some(config) = limits.max_aliases.clone() {
            rules.add_rule(Box::new(MaxAliasesRule { config }));
        }
        if let Some(config) = limits.max_directives.clone() {
            rules.add_rule(Box::new(MaxDirectivesRule { config }));
        }
        let max_tokens = limits.max_tokens.as_ref().map_or(usize::MAX, |limit| limit.n);
        Ok(Self { schema: ConsumerSchema::new_from_supergraph(&supergraph), rules, max_tokens })
    }

    /// What is wrong with the document; nothing, when it may be executed.
    pub(crate) fn refusals(&self, query: &str) -> Vec<GraphQLError> {
        match safe_parse_operation_with_token_limit(query, self.max_tokens) {
            Ok(document) => validate(&self.schema.document, &document, &self.rules)
                .iter()
                .map(GraphQLError::from)
                .collect(),
            Err(error) => {
                let message = error.to_string();
                let code = if message.contains("Token limit exceeded") {
                    "TOKEN_LIMIT_EXCEEDED"
                } else {
                    "GRAPHQL_PARSE_FAILED"
                };
                vec![GraphQLError::from_message_and_code(message, code)]
            }
        }
    }
}
