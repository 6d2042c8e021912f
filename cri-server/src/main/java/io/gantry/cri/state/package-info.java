/**
 * Records on disk: one JSON document each, replaced atomically, readable by a person. What a record
 * means is its owner's business and not known here.
 */
package io.gantry.cri.state;
