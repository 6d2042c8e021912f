/**
 * Blobs by digest on disk: written as a transaction, verified as they arrive, fetched once however
 * many ask. What a blob means and where it comes from is not known here.
 */
package io.gantry.image.content;
