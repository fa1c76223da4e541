import { Metadata, type status as code } from "@grpc/grpc-js";
import featuresPb from "@eventstore/db-client/generated/serverfeatures_pb.js";
import sharedPb from "@eventstore/db-client/generated/shared_pb.js";
import statusPb from "@eventstore/db-client/generated/status_pb.js";
import type { BatchAppendReq, BatchAppendResp, ReadResp } from "@eventstore/db-client/generated/streams_pb.js";
import streamsPb from "@eventstore/db-client/generated/streams_pb.js";
import anyPb from "google-protobuf/google/protobuf/any_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import type { Message } from "google-protobuf";
import type { Expected, Outcome, Proposed, Recorded } from "./log.ts";

/** The text of a stream identifier. */
export function streamName(identifier: { getStreamName_asU8(): Uint8Array } | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString("utf8");
}

/** The events of one batch request. */
export function proposedOf(request: BatchAppendReq): Proposed[] {
  return request.getProposedMessagesList().map((message) => ({
    id: message.getId()?.getString() ?? "",
    type: message.getMetadataMap().get("type") ?? "",
    contentType: message.getMetadataMap().get("content-type") ?? "",
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  }));
}

/** The expected revision of a batch append. */
export function expectedOf(options: BatchAppendReq.Options): Expected {
  if (options.hasNoStream()) return -1;
  if (options.hasStreamExists()) return "exists";
  return options.hasAny() ? "any" : Number(options.getStreamPosition());
}

const nowhere = String(2n ** 64n - 1n);

/** One event on its way to a reader. */
export function eventMessage(event: Recorded, withoutPlace = false): ReadResp {
  const place = withoutPlace ? nowhere : String(event.position);
  const recorded = new streamsPb.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(new sharedPb.UUID().setString(event.id));
  recorded.setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from(event.stream)));
  recorded.setStreamRevision(String(event.revision));
  recorded.setPreparePosition(place);
  recorded.setCommitPosition(place);
  recorded.getMetadataMap().set("type", event.type);
  recorded.getMetadataMap().set("content-type", event.contentType);
  recorded.getMetadataMap().set("created", String(BigInt(event.created) * 10_000n));
  recorded.setCustomMetadata(event.metadata);
  recorded.setData(event.data);
  const read = new streamsPb.ReadResp.ReadEvent();
  read.setEvent(recorded);
  if (withoutPlace) read.setNoPosition(new sharedPb.Empty());
  else read.setCommitPosition(place);
  return new streamsPb.ReadResp().setEvent(read);
}

/** A missing stream, which is a message and no error. */
export function notFoundMessage(stream: string): ReadResp {
  const identifier = new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream));
  return new streamsPb.ReadResp().setStreamNotFound(new streamsPb.ReadResp.StreamNotFound().setStreamIdentifier(identifier));
}

/** The first message of a subscription. */
export function confirmationMessage(id: string): ReadResp {
  return new streamsPb.ReadResp().setConfirmation(new streamsPb.ReadResp.SubscriptionConfirmation().setSubscriptionId(id));
}

/** How far a subscription has looked that found nothing to deliver. */
export function checkpointMessage(event: Recorded): ReadResp {
  const place = String(event.position);
  return new streamsPb.ReadResp().setCheckpoint(new streamsPb.ReadResp.Checkpoint().setCommitPosition(place).setPreparePosition(place));
}

/** The message that follows the last event there is. */
export function caughtUpMessage(): ReadResp {
  return new streamsPb.ReadResp().setCaughtUp(new streamsPb.ReadResp.CaughtUp());
}

/** The answer to an append. */
export function outcomeMessage(correlation: string, stream: string, expected: Expected, outcome: Outcome): BatchAppendResp {
  const response = answerTo(correlation, stream);
  if ("conflict" in outcome) return response.setError(wrongExpectedVersion(expected, outcome.conflict));
  const success = new streamsPb.BatchAppendResp.Success().setCurrentRevision(String(outcome.revision));
  if (outcome.written) {
    const position = String(outcome.written.position);
    success.setPosition(new sharedPb.AllStreamPosition().setCommitPosition(position).setPreparePosition(position));
  } else {
    success.setNoPosition(new emptyPb.Empty());
  }
  return response.setSuccess(success);
}

/** An append refused with a bare message, as by a server that is starting. */
export function refusalMessage(correlation: string, stream: string, message: string): BatchAppendResp {
  return answerTo(correlation, stream).setError(statusOf(message, new emptyPb.Empty(), "google.protobuf.Empty"));
}

/** An append over the server's size. */
export function tooLargeMessage(correlation: string, stream: string, max: number): BatchAppendResp {
  const details = new sharedPb.MaximumAppendSizeExceeded().setMaxappendsize(max);
  return answerTo(correlation, stream).setError(statusOf("", details, "event_store.client.MaximumAppendSizeExceeded"));
}

/** The RPC that a client looks for before it appends in batches. */
export function featuresMessage(): InstanceType<typeof featuresPb.SupportedMethods> {
  const method = new featuresPb.SupportedMethod().setServiceName("event_store.client.streams.streams").setMethodName("batchappend");
  return new featuresPb.SupportedMethods().setEventStoreServerVersion("24.10.0").setMethodsList([method]);
}

/** A failed call, with the trailers that name an exception. */
export function failure(status: code, details: string, trailers: Record<string, string> = {}): Error & { code: code } {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return Object.assign(new Error(details), { code: status, details, metadata });
}

function answerTo(correlation: string, stream: string): BatchAppendResp {
  const response = new streamsPb.BatchAppendResp();
  response.setCorrelationId(new sharedPb.UUID().setString(correlation));
  return response.setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream)));
}

function wrongExpectedVersion(expected: Expected, actual: number): InstanceType<typeof statusPb.Status> {
  const details = new sharedPb.WrongExpectedVersion();
  if (actual < 0) details.setCurrentNoStream(new emptyPb.Empty());
  else details.setCurrentStreamRevision(String(actual));
  if (expected === -1) details.setExpectedNoStream(new emptyPb.Empty());
  else if (expected === "exists") details.setExpectedStreamExists(new emptyPb.Empty());
  else details.setExpectedStreamPosition(String(expected));
  return statusOf("", details, "event_store.client.WrongExpectedVersion");
}

function statusOf(message: string, details: Message, typeName: string): InstanceType<typeof statusPb.Status> {
  const any = new anyPb.Any();
  any.pack(details.serializeBinary(), typeName);
  const status = new statusPb.Status().setMessage(message).setDetails(any);
  status.setCode(2);
  return status;
}
