/**
 * How the demo model was made: text, tokenizer, training, evaluation, files.
 *
 * <p>Start at {@link io.verillm.examples.training.TrainDemoModel}, the command line. Training needs
 * libtorch's native libraries, which only the Maven profile {@code train} brings; the rest runs
 * without. The model card in the module {@code demo-model} has commands, hashes and figures.
 */
@NullMarked
package io.verillm.examples.training;

import org.jspecify.annotations.NullMarked;
