//! The command line: what can be asked for, and what it means.

use std::{net::SocketAddr, path::PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::subgraphs::Subgraph;

/// Sells tickets: six services behind one federated graph, in one program.
#[derive(Debug, Parser)]
#[command(
    name = "odysseus",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100,
    long_about = "Odysseus sells tickets: users, events, tickets, payments, notifications and analytics are six \
                  services of their own behind one federated GraphQL API.\n\n\
                  On one machine, `odysseus run` starts all of them with the router in a single process: SQLite \
                  for data, a bus in memory fed from durable outboxes, and a sandbox that stands in for Stripe, \
                  SMTP and SMS. Nothing else has to be installed or running.",
    after_help = "Start with `odysseus run`. `odysseus help <command>` tells more about each command.",
    after_long_help = "Examples:\n  \
        odysseus run                         the whole platform, data in ./data, http://127.0.0.1:4000\n  \
        odysseus run --data /tmp/try --port 0  somewhere else, on any free port, which is printed\n  \
        odysseus doctor                      what would keep it from running, and how to mend that\n  \
        odysseus schema tickets              the schema of one service\n  \
        odysseus migrate all status          which migrations are applied\n  \
        odysseus dead-letters list           messages that could not be handled\n\n\
        Settings come from the environment: <SERVICE>__<SETTING>, such as TICKETS__DATABASE_URL or \
        ODYSSEUS__LOG__FORMAT=json. A name that does not exist stops the start and is named. RUST_LOG is not read; \
        ODYSSEUS__LOG__FILTER takes the same syntax."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole platform in this process, with nothing else needed.
    #[command(
        long_about = "Runs the whole platform in this process: the six services, the router with GraphiQL, and the \
                      sandbox that stands in for Stripe, mail and SMS. The data folder is made where there is none, \
                      schemas are brought up to date, and an empty store gets the demonstration's content.\n\n\
                      The last line on standard output is `listening on http://ADDRESS` once requests are answered. \
                      Logs go to standard error. Ctrl-C (or SIGTERM) finishes what has begun and stops; a second one \
                      stops at once. Killing it loses nothing that was acknowledged."
    )]
    Run(Run),
    /// Run one service by its own settings.
    #[command(
        long_about = "Runs one service on an address of its own, by its settings in the environment. It verifies \
                      tokens with the keys at ODYSSEUS__JWKS_URL, and reaches the other services over NATS:\n\n  \
                      ODYSSEUS__NATS__SERVERS=nats://nats:4222  several with commas between them\n  \
                      ODYSSEUS__NATS__USER, ODYSSEUS__NATS__PASSWORD  or ODYSSEUS__NATS__PASSWORD_FILE\n  \
                      ODYSSEUS__NATS__REPLICAS=1      on how many servers of a cluster streams are kept\n  \
                      ODYSSEUS__NATS__STREAM_BYTES    how large a stream may become; 1 GiB\n\n\
                      It starts without NATS being there, sells, and catches up. Its schema has to be up to date \
                      (`odysseus migrate`). SIGTERM finishes what has begun, within ten seconds. Any number of \
                      replicas may run on one PostgreSQL database."
    )]
    Serve(Serve),
    /// Run the router alone, before services that run elsewhere.
    #[command(long_about = "Runs the router alone. Where the services are comes from the environment:\n\n  \
                      ROUTER__LISTEN=127.0.0.1:4000\n  ROUTER__JWKS_URL=http://127.0.0.1:4101/.well-known/jwks.json\n  \
                      ROUTER__SUBGRAPHS__USERS=http://127.0.0.1:4101\n  ROUTER__SUBGRAPHS__EVENTS=http://127.0.0.1:4102\n  \
                      and so on for tickets, payments, notifications and analytics. ROUTER__LISTEN=0.0.0.0:4000 \
                      listens on every address of the machine.")]
    Router,
    /// Run the stand-ins for Stripe, mail and SMS alone.
    #[command(
        long_about = "Runs the stand-ins for Stripe, mail and SMS alone, with the page that shows what they took. \
                      For trying things out: no money moves and no mail leaves. Settings, and what they are when \
                      not said:\n\n  \
                      SANDBOX__HTTP=127.0.0.1:4010    Stripe, Twilio and the page at /sandbox\n  \
                      SANDBOX__SMTP=127.0.0.1:4025    mail\n  \
                      SANDBOX__DATA                   a folder; without it nothing is kept\n  \
                      SANDBOX__WEBHOOK_URL, SANDBOX__WEBHOOK_SECRET  where webhooks go, and what signs them\n  \
                      SANDBOX__PUBLIC_URL             where people reach the page, if elsewhere\n  \
                      SANDBOX__KEEPS=5000             so many mails, payments and so on; the oldest go first\n  \
                      SANDBOX__API_KEY                the only key that Stripe's API takes\n  \
                      SANDBOX__SMS_ACCOUNT, SANDBOX__SMS_TOKEN  the only account that may send SMS"
    )]
    Sandbox,
    /// Ask a process on this machine whether it is ready; for health checks of containers.
    #[command(
        long_about = "Asks whether a process is ready, and ends with 0 when it answers within two seconds that it is, \
                      with 1 otherwise. Asked is /readyz at ROUTER__LISTEN or ODYSSEUS__LISTEN, whichever is set in \
                      this environment, or what --url says. Made for health checks of containers that hold no curl."
    )]
    Healthcheck(Healthcheck),
    /// Apply, take back or list the migrations of a service's database.
    #[command(
        long_about = "Applies, takes back or lists the migrations of a service's database, or of all of them.\n\n\
                      Without <SERVICE>__DATABASE_URL in the environment this is the SQLite file in the data folder, \
                      which no running `odysseus` may be using. `down` takes back the last migration and destroys \
                      what its tables held, so it asks for --yes."
    )]
    Migrate(Migrate),
    /// Show, try again or forget messages that could not be handled.
    #[command(
        name = "dead-letters",
        long_about = "Shows, tries again or forgets messages that could not be handled: after ten failed deliveries a \
                      message is kept in the database of the service that should have handled it, with the reason.\n\n\
                      Works on the services' databases, whether they run or not: those that <SERVICE>__DATABASE_URL \
                      names, else the SQLite files in the data folder. `replay` puts a message into the outbox of its \
                      service, on a subject that only this service reads; the running service delivers it to itself. \
                      Should it fail again, it comes back here."
    )]
    DeadLetters(DeadLetters),
    /// Publish again what was published before, to fill streams that lost something.
    #[command(
        long_about = "Publishes again what was published before: outboxes keep it for a week. For streams that lost \
                      messages, as after a machine crashed before NATS had written them to disk. (A stream that is gone \
                      altogether is filled again without being asked.) Harmless: consumers know what they have \
                      handled.\n\n\
                      Works on the services' databases like `dead-letters`; running services do the publishing, and \
                      this command waits until they have.\n\n\
                      Examples:\n  odysseus republish all --since 15m\n  \
                      odysseus republish tickets --since 2026-05-01T18:00:00Z --subject 'odysseus.tickets.order.>'"
    )]
    Republish(Republish),
    /// Say who gives support for the platform: operators read what owners of any organization read.
    #[command(
        long_about = "Makes somebody an operator, who gives support for the platform, or takes that away again. Operators \
                      read what owners of any organization read: drafts, orders, sales, members. They change nothing, \
                      and see no code of a ticket. Who may what is said by the schema, in @access.\n\n\
                      The account has to be there, with an address that is verified. What is said holds from the person's \
                      next access token on (which refreshSession gets); the last one holds until it ends, for \
                      USERS__ACCESS_TOKEN_MINUTES at most. Works on users' database like `dead-letters`, whether the \
                      service runs or not, and is noted in the log.\n\n\
                      Examples:\n  odysseus operator grant ada@example.org\n  odysseus operator revoke ada@example.org"
    )]
    Operator(Operator),
    /// Hear from Stripe what its webhooks told in vain.
    #[command(
        long_about = "Reads from Stripe what has happened there since an instant, and hears each event as if its webhook came \
                      now. For after a restore, or when nobody heard webhooks for longer than Stripe repeats them. Stripe keeps \
                      events for 30 days.\n\n\
                      Harmless: what was heard before changes nothing, so it may be run again, and while services run. What \
                      belongs to no payment here is put aside, as webhooks are; operators see it in the graph, in moneyHealth. \
                      An event that cannot be heard is told, holds up no other, and makes this end with 1.\n\n\
                      Works on payments' database like `dead-letters`, and with Stripe by payments' own settings: \
                      PAYMENTS__STRIPE_URL, PAYMENTS__STRIPE_SECRET_KEY, PAYMENTS__STRIPE_WEBHOOK_SECRET.\n\n\
                      Example:\n  odysseus stripe catch-up --since 2026-05-01T18:00:00Z"
    )]
    Stripe(Stripe),
    /// Have the index of events made anew, in all replicas.
    #[command(
        long_about = "Has each running replica of events make its index anew, from its database, beside the one that it answers \
                      from. Searches go on meanwhile, and nothing is lost: the database is the truth, and an index only a copy. \
                      Replicas do the same at each start and once a day. For when somebody has changed rows by hand, or a backup \
                      was brought in.\n\n\
                      Works on events' database like `dead-letters`. Replicas look within seconds, and say in their log when \
                      they are done."
    )]
    Reindex(DataFolder),
    /// Print the GraphQL schema of a service, or of all of them.
    #[command(
        long_about = "Prints the schema of a service in the federation's SDL, or of all of them. With --write, each \
                      goes to DIR/subgraphs/<service>/schema.graphql instead; `make supergraph` does that and \
                      composes them."
    )]
    Schema(Schema),
    /// Load the demonstration's content into an empty data folder, without serving.
    #[command(
        long_about = "Loads the demonstration's content into an empty data folder without serving anything: three \
                      kinds of houses, some sixty events, four accounts. `odysseus run` does the same at its first \
                      start, unless told --no-demo. Into a folder that holds something else it loads nothing."
    )]
    Demo(DataFolder),
    /// Say what is misconfigured, and how to mend it.
    #[command(
        long_about = "Looks at everything that a start needs (the data folder, the port, settings, databases, keys, \
                      the pages that are compiled in) and says what is wrong and how to mend it. Changes nothing. \
                      Ends with 1 when something would keep the platform from starting."
    )]
    Doctor(Doctor),
}

/// Where data lies.
#[derive(Clone, Debug, Args)]
pub struct DataFolder {
    /// The folder for databases, keys, and what the sandbox received.
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
}

/// `odysseus run`.
#[derive(Clone, Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub folder: DataFolder,
    /// Where the router listens, on this machine only; 0 takes a free port and prints it.
    #[arg(long, value_name = "N", default_value_t = 4000)]
    pub port: u16,
    /// Leave an empty store empty.
    #[arg(long)]
    pub no_demo: bool,
}

/// `odysseus serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Which service.
    pub service: Subgraph,
    /// Where it listens; `ODYSSEUS__LISTEN` when left out, and a free port of this machine without that.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
}

/// `odysseus healthcheck`.
#[derive(Clone, Debug, Args)]
pub struct Healthcheck {
    /// What is asked instead, such as `http://127.0.0.1:4010/sandbox`.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// `odysseus migrate`.
#[derive(Clone, Debug, Args)]
pub struct Migrate {
    /// A service, or `all`.
    #[arg(value_parser = which)]
    pub service: Which,
    /// What to do.
    pub direction: Direction,
    /// Yes, destroy what is in the tables that go.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub folder: DataFolder,
}

/// `odysseus dead-letters`.
#[derive(Clone, Debug, Args)]
pub struct DeadLetters {
    /// What to do.
    #[command(subcommand)]
    pub action: DeadLettersAction,
    #[command(flatten)]
    pub folder: DataFolder,
}

/// What to do with dead letters.
#[derive(Clone, Debug, Subcommand)]
pub enum DeadLettersAction {
    /// List them, the oldest first.
    List {
        #[command(flatten)]
        of: Whose,
        /// Write JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show some with everything in them, as JSON.
    Show {
        #[command(flatten)]
        of: Whose,
        #[command(flatten)]
        which: Letters,
    },
    /// Let their consumers try again.
    Replay {
        #[command(flatten)]
        of: Whose,
        #[command(flatten)]
        which: Letters,
    },
    /// Forget them.
    Drop {
        #[command(flatten)]
        of: Whose,
        #[command(flatten)]
        which: Letters,
    },
}

/// Whose dead letters.
#[derive(Clone, Debug, Args)]
pub struct Whose {
    /// A service, or `all`.
    #[arg(value_parser = which, default_value = "all")]
    pub service: Which,
    /// Only those of the consumer of that name.
    #[arg(long, value_name = "NAME")]
    pub consumer: Option<String>,
}

/// Which of them.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Letters {
    /// The message's id; may be given several times.
    #[arg(long, value_name = "ID")]
    pub id: Vec<uuid::Uuid>,
    /// All of them.
    #[arg(long)]
    pub all: bool,
}

/// `odysseus republish`.
#[derive(Clone, Debug, Args)]
pub struct Republish {
    /// A service, or `all`.
    #[arg(value_parser = which)]
    pub service: Which,
    /// Only what was sent since then: an instant such as 2026-05-01T18:00:00Z, or how long ago, such as 15m, 2h, 3d.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only this subject, or all that begin so, with `.>` at the end.
    #[arg(long, value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// Do not wait until it is published.
    #[arg(long)]
    pub no_wait: bool,
    #[command(flatten)]
    pub folder: DataFolder,
}

/// `odysseus operator`.
#[derive(Clone, Debug, Args)]
pub struct Operator {
    /// What to do.
    pub action: OperatorAction,
    /// The address of the person's account.
    #[arg(value_name = "MAIL")]
    pub email: String,
    #[command(flatten)]
    pub folder: DataFolder,
}

/// What to do with an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OperatorAction {
    /// Make somebody an operator.
    Grant,
    /// Take that away again.
    Revoke,
}

/// `odysseus stripe`.
#[derive(Clone, Debug, Args)]
pub struct Stripe {
    /// What to do.
    #[command(subcommand)]
    pub action: StripeAction,
    #[command(flatten)]
    pub folder: DataFolder,
}

/// What to do with Stripe.
#[derive(Clone, Debug, Subcommand)]
pub enum StripeAction {
    /// Hear what has happened there since an instant.
    CatchUp {
        /// Since when, such as 2026-05-01T18:00:00Z; 30 days ago at most. Rather too early than too late.
        #[arg(long, value_name = "INSTANT", value_parser = instant)]
        since: DateTime<Utc>,
    },
}

/// `odysseus schema`.
#[derive(Clone, Debug, Args)]
pub struct Schema {
    /// A service; all of them when left out.
    pub service: Option<Subgraph>,
    /// Write DIR/subgraphs/<service>/schema.graphql instead of printing.
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
}

/// `odysseus doctor`.
#[derive(Clone, Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    pub folder: DataFolder,
    /// The port that `run` is to listen on.
    #[arg(long, value_name = "N", default_value_t = 4000)]
    pub port: u16,
}

/// What to do with migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    /// Apply all that are not yet applied.
    Up,
    /// Take back the last one.
    Down,
    /// Say which are applied.
    Status,
}

/// One service or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// This one.
    One(Subgraph),
}

impl Which {
    /// The services meant.
    pub fn subgraphs(&self) -> Vec<Subgraph> {
        match self {
            Self::All => Subgraph::ALL.to_vec(),
            Self::One(subgraph) => vec![*subgraph],
        }
    }
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.to_utc())
        .map_err(|_| "it is no instant such as 2026-05-01T18:00:00Z or 2026-05-01T20:00:00+02:00".to_owned())
}

fn which(text: &str) -> Result<Which, String> {
    if text == "all" {
        return Ok(Which::All);
    }
    Subgraph::from_str(text, false)
        .map(Which::One)
        .map_err(|_| format!("there are all, {}", Subgraph::ALL.map(Subgraph::name).join(", ")))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        Cli::command().debug_assert();
    }

    #[test]
    fn migrate_takes_a_service_or_all() {
        let parse = |words: &str| Cli::try_parse_from(words.split(' '));
        assert!(parse("odysseus migrate all status").is_ok());
        assert!(parse("odysseus migrate tickets up").is_ok());
        let refusal = parse("odysseus migrate tickts up").unwrap_err().to_string();
        assert!(refusal.contains("notifications"), "{refusal}");
    }

    #[test]
    fn stripe_is_caught_up_with_since_an_instant() {
        let parse = |words: &str| Cli::try_parse_from(words.split(' '));
        let asked = parse("odysseus stripe catch-up --since 2026-05-01T20:00:00+02:00").unwrap();
        let Command::Stripe(Stripe { action: StripeAction::CatchUp { since }, .. }) = asked.command else {
            panic!("another command");
        };
        assert_eq!(since.to_rfc3339(), "2026-05-01T18:00:00+00:00");
        let refusal = parse("odysseus stripe catch-up --since 3d").unwrap_err().to_string();
        assert!(refusal.contains("2026-05-01T18:00:00Z"), "{refusal}");
        assert!(parse("odysseus stripe catch-up").is_err());
    }

    #[test]
    fn every_command_and_argument_is_explained() {
        for command in Cli::command().get_subcommands().filter(|command| command.get_name() != "help") {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            let below = command.get_subcommands().flat_map(clap::Command::get_arguments);
            for argument in command.get_arguments().chain(below) {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
    }
}
