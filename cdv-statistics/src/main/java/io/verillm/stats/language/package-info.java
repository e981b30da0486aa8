/**
 * Tests for what language models answer: token kernels, rank uniformity, log-probability tracking,
 * border inputs, seeded token margins, activation fingerprints. Each published form stays available
 * beside its correction. Start with {@link io.verillm.stats.language.MmdTest}.
 */
@NullMarked
package io.verillm.stats.language;

import org.jspecify.annotations.NullMarked;
