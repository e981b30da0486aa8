/**
 * Several tests of one comparison fused by e-values: tests are chosen by what was observed. Start
 * with {@link io.verillm.stats.panel.EvidencePanel}.
 */
@NullMarked
package io.verillm.stats.panel;

import org.jspecify.annotations.NullMarked;
