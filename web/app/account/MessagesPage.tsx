import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { ask } from "../graph/ask";
import { type MessageFragment, ReadAllMessagesDocument, ReadMessageDocument, ShowMessagesDocument } from "../graph/generated/graphql";
import { Button, buttonLook } from "../ui/Button";
import { Failure } from "../ui/Failure";
import { useFormats } from "../words/useFormats";
import styles from "./MessagesPage.module.css";
import { SignInForms } from "./SignInForms";
import { usePerson } from "./session";

const AT_ONCE = 20;

/** What the shop has told somebody. Opened, a message is read. */
export function MessagesPage() {
  const { t } = useLingui();
  const person = usePerson();
  useEffect(() => {
    document.title = `${t`Messages`} – Odysseus`;
  }, [t]);
  return (
    <div className="page narrow">
      <h1>
        <Trans>Messages</Trans>
      </h1>
      <br />
      {person ? <Messages who={person.email ?? ""} /> : <SignInForms guests={false} onDone={() => {}} />}
    </div>
  );
}

function Messages({ who }: { who: string }) {
  const client = useQueryClient();
  const found = useInfiniteQuery({
    queryKey: ["messages", who],
    queryFn: ({ pageParam, signal }) => ask(ShowMessagesDocument, { first: AT_ONCE, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ notifications }) => (notifications?.pageInfo.hasNextPage ? notifications.pageInfo.endCursor : undefined),
    meta: { document: ShowMessagesDocument, variables: { first: AT_ONCE } },
    staleTime: 0,
  });
  const readAll = useMutation({
    mutationFn: () => ask(ReadAllMessagesDocument, {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ["messages"] }),
  });
  if (found.error) return <Failure error={found.error} again={() => found.refetch()} />;
  const messages = found.data?.pages.flatMap(({ notifications }) => notifications?.nodes ?? []) ?? [];
  return (
    <>
      {found.data && messages.length === 0 && (
        <p>
          <Trans>Nothing yet. What happens to your orders and events is told here.</Trans>
        </p>
      )}
      <ul className={styles.messages} aria-busy={found.isFetching}>
        {messages.map((message) => (
          <Message key={message.id} message={message} />
        ))}
      </ul>
      <div className={styles.below}>
        {found.hasNextPage && (
          <Button look="quiet" isDisabled={found.isFetchingNextPage} onPress={() => found.fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        )}
        {messages.some(({ readAt }) => !readAt) && (
          <Button look="quiet" isDisabled={readAll.isPending} onPress={() => readAll.mutate()}>
            <Trans>Mark all as read</Trans>
          </Button>
        )}
        <Link to="/account" hash="letters" className={buttonLook("quiet")}>
          <Trans>Choose what you are told</Trans>
        </Link>
      </div>
    </>
  );
}

function Message({ message: { id, subject, body, createdAt, readAt, url } }: { message: MessageFragment }) {
  const format = useFormats();
  const client = useQueryClient();
  const read = useMutation({
    mutationFn: () => ask(ReadMessageDocument, { id }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["messages"] }),
  });
  const unread = !readAt;
  return (
    <li className={styles.message} data-unread={unread}>
      <details onToggle={({ currentTarget }) => currentTarget.open && unread && read.mutate()}>
        <summary>
          <span>
            {unread && (
              <span className={styles.fresh}>
                <Trans>New</Trans>
              </span>
            )}{" "}
            <strong>{subject}</strong>
          </span>
          <time dateTime={createdAt} className="soft">
            {format.moment(createdAt)}
          </time>
        </summary>
        <p className={styles.body}>{body}</p>
        {url && (
          <p className={styles.onward}>
            <a href={pathOf(url)} className={buttonLook("quiet")}>
              <Trans>Have a look</Trans>
            </a>
          </p>
        )}
      </details>
    </li>
  );
}

/** Here, by whatever name this shop was opened. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url, location.origin);
  return `${pathname}${search}`;
}
