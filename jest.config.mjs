export default {
  testEnvironment: "<rootDir>/scripts/jest-env.mjs",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/data/", "<rootDir>/.cache/"],
  extensionsToTreatAsEsm: [".ts"],
  moduleFileExtensions: ["ts", "mts", "js", "mjs", "cjs", "json", "node"],
  transform: { "\\.ts$": "<rootDir>/scripts/jest-strip.mjs" },
  setupFilesAfterEnv: ["<rootDir>/scripts/jest-setup-after-env.mjs"],
  reporters: ["default", "<rootDir>/scripts/jest-reporter.mjs"],
  testTimeout: 60_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: "512MB",
  coverageProvider: "v8",
};
