import { useEffect, useState } from "preact/hooks";
import type { Instance } from "#client/schema.ts";
import { html } from "../html.ts";
import { useSession } from "../session.ts";

const every = 1000;

/** How far an image has been pulled. Progress is no event, so it is asked for, and only while the instance starts. */
export function PullProgress({ of }: { of: Instance }) {
  const { client } = useSession();
  const [progress, setProgress] = useState(of.pull_progress);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const look = () => {
      client.getInstance(of.instance_id).then(({ pull_progress }) => { if (!gone) setProgress(pull_progress); }, () => undefined)
        .finally(() => { if (!gone) timer = setTimeout(look, every); });
    };
    look();
    return () => { gone = true; clearTimeout(timer); };
  }, [of.instance_id]);
  const percent = progress === undefined ? undefined : Math.floor(progress.percent);
  return html`<div class="notice">
    <p>${progress === undefined ? "The instance is starting." : `Pulling ${progress.image}: ${percent} %`}</p>
    <progress max="100" value=${percent} aria-label="Progress of the start"></progress>
  </div>`;
}
