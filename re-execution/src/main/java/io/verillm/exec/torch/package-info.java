/**
 * Runs models on libtorch, through bytedeco's bindings, which are optional.
 *
 * <p>Start with {@link io.verillm.exec.torch.TorchExecutor}; {@link io.verillm.exec.torch.Libtorch}
 * says whether libtorch is there and what to add where it is not. Its results belong to numeric
 * classes other than the canonical one and are judged with calibrated tolerance.
 *
 * <p>JavaCPP asks the system for the size of the process whenever a native object is made, a tenth
 * of a decode step; whoever embeds this runs Java with {@code
 * -Dorg.bytedeco.javacpp.maxPhysicalBytes=0}, as the command does for itself. Memory stays bounded:
 * everything here is released at the end of each call.
 *
 * <p>Classes that name bindings are package-private and are loaded only after the probe succeeded,
 * so that the module works without them.
 */
@NullMarked
package io.verillm.exec.torch;

import org.jspecify.annotations.NullMarked;
