/**
 * Saving containers into archives, and what brings them back: CRIU, the archive's form, the order
 * of freezing and saving. What runs CRIU is the shim; nothing here touches processes.
 */
package io.gantry.cri.checkpoint;
