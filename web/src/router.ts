import { useEffect, useState } from "preact/hooks";

/** Where the reader is: the parts of the address behind the hash. */
export interface Place {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { parts: path.split("/").filter((part) => part !== "").map(decodeURIComponent), query: new URLSearchParams(query) };
}

/** An address within the page. */
export const to = (...parts: string[]): string => `#/${parts.map(encodeURIComponent).join("/")}`;

/** Goes to an address within the page. */
export function go(...parts: string[]): void {
  location.hash = to(...parts);
}

/** The present place. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const change = () => setHash(location.hash);
    addEventListener("hashchange", change);
    return () => removeEventListener("hashchange", change);
  }, []);
  return placeOf(hash);
}
