/**
 * The graph names its files by the platform's public address. The page may have been opened by another name of the same
 * server, such as localhost: what lies under /api is asked where the page came from.
 */
export function here(url: string): string {
  try {
    const { pathname, search } = new URL(url, location.origin);
    return pathname.startsWith("/api/") || pathname.startsWith("/sandbox/") ? `${pathname}${search}` : url;
  } catch {
    return url;
  }
}
