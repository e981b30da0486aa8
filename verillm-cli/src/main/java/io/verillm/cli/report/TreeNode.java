package io.verillm.cli.report;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * One node of a collapsible tree.
 *
 * @param label what it is
 * @param detail a short hash or value, set in a fixed-width face; may be empty
 * @param state how it took part in the check
 * @param children nodes below it
 */
public record TreeNode(String label, String detail, State state, List<TreeNode> children) {

  /** How a node took part in the check. */
  public enum State {
    /** A plain field. */
    NONE,
    /** Opened, hashed again and compared. */
    OPENED,
    /** Known by its hash only; its content was not looked at. */
    PRUNED,
    /** Opened, and its content differs from the re-execution or from its hash. */
    MISMATCH;

    String cssClass() {
      return "n-" + name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks the fields and copies the children. */
  public TreeNode {
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(detail, "detail");
    Objects.requireNonNull(state, "state");
    children = List.copyOf(children);
  }

  /** Returns a node without children. */
  public static TreeNode leaf(String label, String detail, State state) {
    return new TreeNode(label, detail, state, List.of());
  }

  /** Returns a plain node with children. */
  public static TreeNode of(String label, String detail, TreeNode... children) {
    return new TreeNode(label, detail, State.NONE, List.of(children));
  }

  /** Returns whether this node or one below it is a mismatch. */
  boolean holdsMismatch() {
    return state == State.MISMATCH || children.stream().anyMatch(TreeNode::holdsMismatch);
  }
}
