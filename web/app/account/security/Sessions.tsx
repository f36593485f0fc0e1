import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask } from "../../graph/ask";
import { EndOtherSessionsDocument, EndSessionDocument } from "../../graph/generated/graphql";
import { Button } from "../../ui/Button";
import { Failure } from "../../ui/Failure";
import { useFormats } from "../../words/useFormats";
import styles from "../AccountPage.module.css";
import { SECURITY, type Secured } from "./secured";

/** Where somebody is signed in. */
export function Sessions({ sessions }: { sessions: NonNullable<Secured["sessions"]> }) {
  const { t } = useLingui();
  const format = useFormats();
  const client = useQueryClient();
  const look = () => client.invalidateQueries({ queryKey: SECURITY });
  const end = useMutation({ mutationFn: (id: string) => ask(EndSessionDocument, { id }), onSuccess: look });
  const endOthers = useMutation({ mutationFn: () => ask(EndOtherSessionsDocument, {}), onSuccess: look });
  // The graph calls it in English, such as "Firefox on Linux".
  const nameOf = (device: string) => {
    const [browser, system] = device.split(" on ");
    return system ? t`${browser} on ${system}` : device;
  };
  const error = end.error ?? endOthers.error;
  return (
    <section className={styles.part} aria-labelledby="sessions">
      <h2 id="sessions">
        <Trans>Where you are signed in</Trans>
      </h2>
      <ul className={styles.list}>
        {sessions.map(({ id, device, lastSeenAt, current }) => (
          <li key={id} data-testid="session">
            <span>
              <strong>{device ? nameOf(device) : <Trans>A device of which we know nothing</Trans>}</strong>
              <span className="soft">{current ? <Trans>This one</Trans> : <Trans>Last seen {format.moment(lastSeenAt)}</Trans>}</span>
            </span>
            {!current && (
              <Button look="quiet" isDisabled={end.isPending} onPress={() => end.mutate(id)}>
                <Trans>Sign out there</Trans>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {error && <Failure error={error} />}
      {sessions.length > 1 && (
        <Button look="quiet" isDisabled={endOthers.isPending} onPress={() => endOthers.mutate()}>
          <Trans>Sign out everywhere else</Trans>
        </Button>
      )}
    </section>
  );
}
