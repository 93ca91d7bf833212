// Drives a station's dashboard in Chromium, as an operator would, and prints what it saw as JSON.
// Arguments: the folder of node_modules, the page's address, the token, a folder for pictures.
'use strict';
const path = require('path');
const [packages, url, token, pictures] = process.argv.slice(2);
const { chromium } = require(path.join(packages, 'node_modules', 'playwright-core'));
const axe = require(path.join(packages, 'node_modules', 'axe-core'));

async function faults(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
  return violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`);
}

(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const seen = { errors: [] };
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, colorScheme: 'light' });
    page.setDefaultTimeout(20000);
    page.on('pageerror', e => seen.errors.push(e.message));
    const text = id => page.textContent(id);
    const shot = name => page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });

    await page.goto(url);
    await page.waitForFunction(() => ['Ready', 'Running'].includes(document.getElementById('state').textContent));
    seen.title = await text('#title');
    seen.canSetBefore = await page.isEnabled('#set');

    await page.click('#sign-in');
    await page.fill('input[type=password]', 'not the token of this station');
    await page.click('#d-yes');
    await page.waitForFunction(() => document.getElementById('d-error').textContent);
    seen.refusal = await text('#d-error');
    await page.fill('input[type=password]', token);
    await page.click('#d-yes');
    await page.waitForFunction(() => document.getElementById('sign-in').textContent === 'Sign out');

    for (let i = 1; i <= 4; i++) {
      await page.click('text=Trigger');
      await page.waitForFunction(n => document.querySelectorAll('.part').length === n, i);
    }
    seen.verdict = await text('#verdict');
    await page.waitForFunction(() => document.getElementById('heatmap').naturalWidth > 0 && document.getElementById('frame').naturalWidth > 0);
    seen.regions = await page.locator('#regions rect').count();
    seen.explanation = await text('#explanation');
    seen.dots = await page.locator('#trend circle').count();
    seen.rate = await text('#rate');
    seen.faultsDesktop = await faults(page);
    await shot('desktop');

    await page.fill('#heat', '0');
    seen.opacity = await page.evaluate(() => getComputedStyle(document.getElementById('heatmap')).opacity);
    await page.fill('#heat', '70');
    await page.uncheck('#boxes');
    seen.regionsOff = await page.locator('#regions rect').count();

    await page.click('#filter >> text=NG');
    seen.ng = await page.locator('.part').count();
    await page.locator('.part').last().click();
    seen.held = await text('#when');
    await page.click('#back');
    seen.live = await text('#when');

    await page.fill('#threshold', String(Number(await page.inputValue('#threshold')) * 1.5));
    await page.click('#set');
    await page.click('#d-yes');
    await page.waitForFunction(() => document.getElementById('bank-facts').textContent.includes('its own'));
    seen.threshold = await text('#bank-facts');
    await page.click('#own');
    await page.click('#d-yes');
    await page.waitForFunction(() => !document.getElementById('bank-facts').textContent.includes('its own'));

    await page.context().setOffline(true);
    await page.evaluate(() => fetch('/api/station').catch(() => {})); // what is open already would not notice
    await page.reload().catch(() => {});
    await page.context().setOffline(false);
    await page.goto(url);
    await page.waitForFunction(() => document.querySelectorAll('.part').length === 4);
    seen.back = await text('#state');

    for (const [name, colorScheme] of [['phone', 'light'], ['phone-dark', 'dark']]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 390, height: 844 });
      seen[`${name}Wide`] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      seen[`${name}Faults`] = await faults(page);
      await shot(name);
    }

    await page.setViewportSize({ width: 2560, height: 1440 });
    await shot('wall');
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify(seen));
})().catch(e => { console.error(e); process.exit(1); });
