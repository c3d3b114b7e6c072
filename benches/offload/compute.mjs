// A chain in which each step needs the one before, in 32 bits, which JavaScript computes fast.
export const compute = (steps) => {
  let state = 1;
  for (let step = 0; step < steps; step += 1) {
    state = (Math.imul(state, 1_664_525) ^ (step >> 3)) | 0;
  }
  return state;
};

// What a thread of the pool does.
export default compute;
