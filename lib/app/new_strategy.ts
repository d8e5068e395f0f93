// The strategy that `new` writes: small, commented for somebody who has never seen one, and trading
// something from the first minute. It quotes both sides around mid and leans against its position.

/** Its source, under a name. */
export function newStrategy(name: string): string {
  return `// ${name}: a bid and an ask around mid, moved against the position so that it finds its way home.
//
// A strategy is two functions. \`observe\` takes what happened into memory; \`plan\` says which orders
// should rest now. It never sends, cancels or waits: the bot compares the plan with what rests and
// does the rest, after its risk limits. There is no clock, no dice and no network in here: use
// view.time and view.random(). Memory is plain data: numbers, texts, lists and objects of them.
//
//   bpx-bot check    --plugin ${name}.ts --market SOL_USDC
//   bpx-bot backtest --plugin ${name}.ts --market SOL_USDC --feed sim
//   bpx-bot          --plugin ${name}.ts --market SOL_USDC --feed sim

import {
  defineStrategy,
  type PlannedOrder,
  priceNumber,
  priceTicks,
  quantityLots,
  quantityNumber,
  ticks,
} from "bpx-bot/strategy";
import { clamp, microprice } from "bpx-bot/signals";

/** What this strategy remembers. */
interface Memory {
  /** Fills so far, for the reason that the console shows. */
  fills: number;
}

export default defineStrategy({
  api: 1,
  name: "${name}",
  summary: "A bid and an ask around mid, moved against the position.",

  // Each of these is a setting: --set quantity=0.2, or "params" of a preset.
  params: {
    spreadBps: {
      type: "number",
      default: 2,
      min: 0.1,
      max: 500,
      unit: "bps",
      help: "distance of each order from the fair price",
    },
    quantity: {
      type: "number",
      default: 0.5,
      min: 0.000001,
      max: 1_000_000,
      help: "quantity of each order, in base",
    },
    maxOrders: {
      type: "integer",
      default: 4,
      min: 1,
      max: 100,
      help: "position it leans against fully, in orders",
    },
  },

  // What \`observe\` is told of. Less is faster: without "book" and "trade" a backtest skips what
  // changes nothing.
  observes: ["fill"],

  // How often a plan is asked for when nothing of ours happened.
  cadence: () => ({ everyMs: 1000 }),

  // A RangeError with "current value is" is shown to whoever chose the setting.
  start({ market, params }): Memory {
    const least = Math.max(1, market.minQuantity);
    if (quantityLots(market, params.quantity) >= least) return { fills: 0 };
    const rule = \`must be at least \${quantityNumber(market, least)}\`;
    throw new RangeError(\`quantity \${rule}: current value is \${params.quantity}\`);
  },

  observe(memory, event) {
    if (event.kind === "fill") memory.fills++;
  },

  plan(memory, view, { market, params }) {
    const fair = microprice(view) ?? view.midTicks;
    const mid = priceNumber(market, view.midTicks);
    const half = priceTicks(market, mid * params.spreadBps / 10_000, "up");
    const quantity = quantityLots(market, params.quantity);
    // From -1, all short, to 1, all long: the quotes move the other way.
    const lean = clamp(view.position / (quantity * params.maxOrders), -1, 1);
    const centre = fair - lean * half;
    // A maker must not take: it stays a tick behind the other side.
    const bid = ticks(Math.min(Math.floor(centre - half), view.bestAsk - 1));
    const ask = ticks(Math.max(Math.ceil(centre + half), view.bestBid + 1));
    const orders: PlannedOrder[] = [];
    if (bid > 0 && lean < 1) orders.push({ side: "bid", price: bid, quantity, role: "maker" });
    // On spot only what is there can be sold.
    const canSell = market.kind === "perp" ? lean > -1 : view.sellable >= quantity;
    if (canSell) orders.push({ side: "ask", price: ask, quantity, role: "maker" });
    return { orders, reason: \`fair \${Math.round(fair)} ticks, \${memory.fills} fills\` };
  },
});
`;
}
