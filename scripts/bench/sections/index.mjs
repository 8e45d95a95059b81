// @ts-check
import { cold } from './cold.mjs';
import { limit } from './limit.mjs';
import { observed } from './observed.mjs';
import { calls, codec, dispatch, ring } from './parts.mjs';
import { peers } from './peers.mjs';
import { profile } from './profile.mjs';
import { queues } from './queues.mjs';
import { scale } from './scale.mjs';

/** @type {readonly import('./section.mjs').Section[]} in the order of the document */
export const sections = [peers, limit, cold, queues, scale, ring, codec, dispatch, calls, observed, profile];
