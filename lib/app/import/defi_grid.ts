// The DeFi grid's `.env`: a key a line, remarks behind `#`. Its words for one idea each, renamed.

import { left, type Rule, type Rules, toParam, toSecret, toUrl } from "./old.ts";

const toBias: Rule = (found, value) => found.param("bias", String(value).trim().toLowerCase());

const toMarket: Rule = (found, value) => {
  found.market = String(value).trim();
  found.mapped(`market ${found.market}`);
};

const toExchange: Rule = (found, value) => {
  const name = String(value).trim().toLowerCase();
  if (name === "backpack") found.ignored("there is no other exchange here");
  else found.doubt("must be backpack: no other exchange is known");
};

/** `auto-ed25519` meant: make a pair when there is none. */
const toKey: Rule = (found, value) => {
  if (String(value).trim() !== "auto-ed25519") return found.secret("BPX_API_KEY", value);
  found.wantsPair = true;
  found.mapped("a new key pair in .env");
};

/** Its keys; anything else in the file is a doubt. */
export const defiGrid: Rules = {
  EXCHANGE: toExchange,
  API_BASE: toUrl,
  API_KEY: toKey,
  API_SECRET: toSecret("BPX_API_SECRET"),
  SYMBOL: toMarket,
  LIVE: left("a run is on paper unless --live is given"),
  LOG_LEVEL: left("there is one log"),
  SIDE: toBias,
  GRID_STEP_BPS: toParam("stepBps"),
  GRID_LEVELS: toParam("levels"),
  ROLLING_WINDOW_BIDS: toParam("windowBids"),
  ROLLING_WINDOW_ASKS: toParam("windowAsks"),
  ORDER_USD: toParam("orderUsd"),
  MAX_POS_USD: toParam("maxPositionUsd"),
  ORDER_TTL_SEC: toParam("refreshSec", "an order is moved when it is older, not thrown away"),
  WINDOW_MS: toParam("everyMs"),
  ORDER_TOPCHASE_TICKS: toParam("chaseTicks", "in ticks of the market"),
  ALO_JOIN_BEST: toParam("joinBest"),
  MAX_DEV_BPS: toParam("maxDeviationBps"),
  TAKE_PROFIT_PCT: toParam("takeProfitPct"),
  TP_OFFSET_BPS: toParam("tpOffsetBps"),
  REDUCE_ONLY_TP_GUARD: toParam("tpGuard"),
  MAX_HOLD_SEC: toParam("maxHoldSec"),
  ENABLE_AMM_BIDS: toParam("enableBids"),
  ENABLE_AMM_ASKS: toParam("enableAsks"),
  STRICT_MAKER: toParam("strictMaker"),
  STRICT_MAKER_NEAR_TOP: toParam("strictNearTop"),
  LEVERAGE: toParam("leverage"),
};
