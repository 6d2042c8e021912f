/**
 * Records on disk: one JSON document per thing, readable by a person, replaced as a whole. What the
 * documents say is their owners' business.
 */
package io.gantry.image.record;
