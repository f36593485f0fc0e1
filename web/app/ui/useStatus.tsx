import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

const Say = createContext<(words: string) => void>(() => {});

/** Has the one place of the page from which short news are read aloud. */
export function Status({ children }: { children: ReactNode }) {
  const [words, setWords] = useState("");
  const say = useCallback((next: string) => setWords((before) => (before === next ? `${next}\u200b` : next)), []);
  return (
    <Say value={useMemo(() => say, [say])}>
      {children}
      <div role="status" className="aside" data-testid="status">
        {words}
      </div>
    </Say>
  );
}

export function useStatus(): (words: string) => void {
  return useContext(Say);
}
