import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, asking } from "../graph/ask";
import { type Channel, ChoosePreferencesDocument, type NotificationKind, ShowPreferencesDocument } from "../graph/generated/graphql";
import { Failure } from "../ui/Failure";
import { useStatus } from "../ui/useStatus";
import styles from "./AccountPage.module.css";
import { useKinds } from "./useKinds";

const CHANNELS: Channel[] = ["IN_APP", "EMAIL", "SMS"];

/** What somebody is told, and how. Each choice is kept at once. */
export function Preferences() {
  const { t } = useLingui();
  const say = useStatus();
  const nameOf = useKinds();
  const client = useQueryClient();
  const key = ["account", "preferences"];
  const { data, error, refetch } = useQuery({ queryKey: key, ...asking(ShowPreferencesDocument, {}) });
  const choose = useMutation({
    mutationFn: (entry: { kind: NotificationKind; channel: Channel; enabled: boolean }) =>
      ask(ChoosePreferencesDocument, { input: { entries: [entry] } }),
    onSuccess: ({ setNotificationPreferences }) => {
      client.setQueryData(key, { me: { ...data?.me, notificationPreferences: setNotificationPreferences } });
      say(t`Saved.`);
    },
  });
  const entries = data?.me?.notificationPreferences?.entries ?? [];
  const all = [...new Set(entries.map(({ kind }) => kind))];
  const kinds = all.filter((kind) => entries.some((entry) => entry.kind === kind && entry.changeable));
  const always = all.filter((kind) => !kinds.includes(kind));
  const names: Partial<Record<Channel, string>> = { IN_APP: t`Here`, EMAIL: t`Mail`, SMS: t`Text` };
  return (
    <section className={styles.part} aria-labelledby="letters">
      <h2 id="letters">
        <Trans>What you are told</Trans>
      </h2>
      {error && <Failure error={error} again={() => refetch()} />}
      {entries.length > 0 && (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">
                <Trans>About</Trans>
              </th>
              {CHANNELS.map((channel) => (
                <th key={channel} scope="col">
                  {names[channel]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {kinds.map((kind) => (
              <tr key={kind}>
                <th scope="row">{nameOf(kind)}</th>
                {CHANNELS.map((channel) => {
                  const entry = entries.find((one) => one.kind === kind && one.channel === channel);
                  const sending = choose.isPending && choose.variables.kind === kind && choose.variables.channel === channel;
                  return (
                    <td key={channel}>
                      {entry && (
                        <input
                          type="checkbox"
                          aria-label={`${nameOf(kind)}: ${names[channel]}`}
                          checked={sending ? choose.variables.enabled : entry.enabled}
                          disabled={!entry.changeable}
                          onChange={({ target }) => choose.mutate({ kind, channel, enabled: target.checked })}
                        />
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {choose.error && <Failure error={choose.error} />}
      <p className="soft">
        <Trans>Mails with tickets, and about money that was paid, are always sent.</Trans>
      </p>
      {always.length > 0 && (
        <details className={styles.always}>
          <summary className="opens">
            <Trans>What is told in any case</Trans>
          </summary>
          <ul>
            {always.map((kind) => (
              <li key={kind}>{nameOf(kind)}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
