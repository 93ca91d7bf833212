// Changes the active product of a station on its page. One additional argument: the token.
'use strict';
require('./browser.cjs')(async ({ rest: [token], seen, open, please, look, signIn, has }) => {
  const page = await open(1440, 1000);
  await has(page, '#bank-facts', 'productblack');
  seen.disabled = await page.isDisabled('#product');
  seen.offered = await page.$$eval('#product option', options => options.map(o => o.value));
  await signIn(page, token);
  await has(page, '#sign-in', 'Sign out');
  await page.selectOption('#product', 'white');
  seen.question = await page.textContent('#d-text');
  await page.click('#d-no');
  await page.waitForFunction(() => document.querySelector('#product').value === 'black');
  seen.kept = await page.inputValue('#product');
  await page.selectOption('#product', 'white');
  await page.click('#d-yes');
  await has(page, '#bank-facts', 'productwhite');
  await please('send');
  await has(page, '#when', '#1 · white');
  await look(page, 'product');
  // Somebody else changes it; the page follows.
  await please('change');
  await has(page, '#bank-facts', 'productdark');
  await page.waitForFunction(() => document.querySelector('#product').value === 'dark');
  seen.followed = await page.inputValue('#product');
});
