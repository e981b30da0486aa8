/**
 * The life of a job as pure state machines: (state, signed message, time) → (state, effects).
 *
 * <p>Two flows of VeriLLM (arXiv 2509.24257). {@link io.verillm.network.flow.FlowA} is that of v1
 * to v3: receipt, challenge, opening, and a window in which anyone may object with evidence that is
 * computed again; one honest verifier suffices. {@link io.verillm.network.flow.FlowB} is that of
 * v4: a drawn committee commits its own traces and votes, commitments close, rows are drawn, opened
 * and compared, the majority decides, and one dispute goes to a larger committee.
 *
 * <p>How to drive one:
 *
 * <ol>
 *   <li>Build a {@link io.verillm.network.flow.JobContext} from the signed order and terms, then
 *       {@code FlowA.of(context, adjudicator)} or {@code FlowB.of(context)}, then {@code start}.
 *   <li>Pass every message of the job to {@code receive} with the log's time, and call {@code tick}
 *       when {@link io.verillm.network.flow.JobState#deadlineMillis} has passed. How often {@code
 *       tick} is called changes nothing: a deadline takes effect at its own time.
 *   <li>Act on the {@link io.verillm.network.flow.Effect effects}: post settlements to a ledger in
 *       the order given, hand readings to {@code evidence.EvidenceFold}, keep fault evidence.
 *       {@link io.verillm.network.flow.JobFlow#expected} says who has to send what until when.
 * </ol>
 *
 * <p>A state is exactly the inputs that it accepted; {@link
 * io.verillm.network.flow.JobState#encode} writes them and {@code decode} replays them, so bytes
 * that no honest run could reach are refused. Messages that are refused change nothing. A machine
 * sees opened rows, which disclose content; the log of a job ({@code fault.JobLog}) records ids
 * only.
 */
@NullMarked
package io.verillm.network.flow;

import org.jspecify.annotations.NullMarked;
