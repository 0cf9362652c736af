import { createCallBudgetTable } from '@iotistic/chassis/call-budgets';

export const m0003 = { up: createCallBudgetTable };
