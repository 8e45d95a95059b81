import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';
import { programs } from './tsup.programs.js';

export default defineConfig([base, programs]);
