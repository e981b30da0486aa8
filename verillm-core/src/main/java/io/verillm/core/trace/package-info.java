/**
 * What a prover commits to while it generates: profiles, chunk leaves, token trees, the trace log,
 * salts, and the recorder that any engine pushes rows into.
 *
 * <p>Start with {@code TraceRecorder}. It has three ways to work: on the engine's thread, beside it
 * on another one, and in place, by the kernels of a provider in the engine's own memory. A
 * commitment binds bytes; it does not prove a computation.
 */
@NullMarked
package io.verillm.core.trace;

import org.jspecify.annotations.NullMarked;
