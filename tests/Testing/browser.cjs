// The functions that the scripts which drive a page in Chromium share.
'use strict';
const path = require('path');
const readline = require('readline');

/// Runs the drive in a fresh browser and prints its results as JSON. Arguments of every script: the folder of node_modules, the page's address, a folder for pictures.
module.exports = async function drive(run) {
  const [packages, url, pictures, ...rest] = process.argv.slice(2);
  const { chromium } = require(path.join(packages, 'node_modules', 'playwright-core'));
  const axe = require(path.join(packages, 'node_modules', 'axe-core'));
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const seen = { errors: [], faults: [] };
  const tools = {
    url, rest, seen,
    /// Opens a page at the address, on a screen of this size.
    open: async (width, height, at = url) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: 'light', hasTouch: width < 600 });
      const page = await context.newPage();
      page.setDefaultTimeout(Number(process.env.MRFAD_TEST_TIMEOUT_MS));
      page.on('pageerror', e => seen.errors.push(e.message));
      await page.goto(at);
      return page;
    },
    /// Signs in to the station's page with its token.
    signIn: async (page, token) => {
      if (!await page.isVisible('#dialog')) await page.click('#sign-in');
      await page.fill('input[type=password]', token);
      await page.click('#d-yes');
    },
    /// Waits until an element shows the text.
    has: (page, id, what) => page.waitForFunction(([id, what]) => document.querySelector(id).textContent.includes(what), [id, what]),
    /// Requests an action of the test, for instance to kill the station.
    please: async what => { console.log(`? ${what}`); return (await answers.next()).value; },
    /// Saves a screenshot, and the faults that axe finds.
    look: async (page, name) => {
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
      seen.faults.push(...violations.map(v => `${name}: ${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) seen.faults.push(`${name}: ${wide} px wider than the screen`);
      const dialog = await page.evaluate(() => !!document.querySelector('dialog[open]'));
      await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: !dialog });
    },
  };
  try {
    await run(tools);
  } catch (e) {
    console.error(e);
    process.exitCode = 1;
  } finally {
    await browser.close();
    process.stdin.destroy();
  }
  console.log(JSON.stringify(seen));
};
