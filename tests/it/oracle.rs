//! The statistical baselines against `StatsForecast` 2.1.1 on published series.
//!
//! The expected numbers are the means of `AutoETS`, `DynamicOptimizedTheta`, `MSTL` and `AutoARIMA`, with the season length
//! and otherwise default settings. A tolerance is a share of the expected number.

use forecast::model::stat::Baseline;
use forecast::model::{Model, SilentObserver, Task};
use forecast::panel::Panel;

fn assert_agrees(baseline: Baseline, series: &[f64], season: usize, expected: &[f64], tolerance: f64) {
    let panel = Panel::from_values(series, season);
    let fitted = baseline.fit(&panel, &Task::new(expected.len()), &mut SilentObserver).unwrap();
    let forecast = fitted.predict(&panel).unwrap().remove(0);
    for (k, (got, expected)) in forecast.median().iter().zip(expected).enumerate() {
        assert!((got / expected - 1.0).abs() < tolerance, "{}, step {k}: {got} is not {expected}", baseline.name());
    }
}

#[test]
fn ets_agrees_on_air_passengers() {
    let expected =
        [442.357, 428.267, 492.975, 477.370, 477.603, 535.858, 600.832, 594.768, 513.703, 448.223, 390.316, 435.738];
    assert_agrees(Baseline::Ets, &AIR_PASSENGERS, 12, &expected, 1e-4);
}

#[test]
fn theta_agrees_on_air_passengers() {
    let expected =
        [442.927, 432.298, 495.482, 482.575, 487.866, 556.122, 616.223, 616.110, 538.403, 470.411, 410.999, 463.477];
    assert_agrees(Baseline::Theta, &AIR_PASSENGERS, 12, &expected, 1e-4);
}

/// The means of three forecasts, whose squared errors `scipy.optimize.minimize` minimised: simple, Holt's and damped
/// smoothing.
#[test]
fn comb_agrees_with_scipy_on_nile_and_lynx() {
    assert_agrees(Baseline::Comb, &NILE, 1, &[815.053, 813.927, 812.803, 811.682, 810.564], 3e-3);
    assert_agrees(Baseline::Comb, &LYNX, 1, &[3405.401, 3414.864, 3424.320, 3433.770, 3443.214], 1e-3);
}

#[test]
fn mstl_agrees_on_air_passengers() {
    let expected =
        [446.539, 430.123, 473.191, 472.870, 482.094, 536.326, 590.974, 588.987, 517.446, 470.659, 425.269, 458.816];
    assert_agrees(Baseline::Mstl, &AIR_PASSENGERS, 12, &expected, 1e-4);
}

#[test]
fn ets_agrees_on_accidental_deaths() {
    let expected = [
        8205.955, 7444.534, 8260.562, 8471.405, 9335.173, 9836.484, 10_728.935, 10_038.615, 8955.390, 9252.922,
        8724.696, 8998.704,
    ];
    assert_agrees(Baseline::Ets, &ACCIDENTAL_DEATHS, 12, &expected, 1e-4);
}

#[test]
fn theta_agrees_on_accidental_deaths() {
    let expected = [
        8270.050, 7511.743, 8329.139, 8565.465, 9467.260, 9893.848, 10_853.203, 10_125.784, 8979.312, 9370.756,
        8822.796, 9040.773,
    ];
    assert_agrees(Baseline::Theta, &ACCIDENTAL_DEATHS, 12, &expected, 1e-3);
}

#[test]
fn mstl_agrees_on_accidental_deaths() {
    let expected = [
        8329.233, 7600.273, 8354.781, 8579.531, 9454.574, 9855.013, 10_809.092, 10_033.571, 8997.178, 9285.697,
        8778.527, 9143.859,
    ];
    assert_agrees(Baseline::Mstl, &ACCIDENTAL_DEATHS, 12, &expected, 1e-4);
}

#[test]
fn ets_agrees_on_nile() {
    let expected = [839.147, 839.147, 839.147, 839.147, 839.147, 839.147, 839.147, 839.147, 839.147, 839.147];
    assert_agrees(Baseline::Ets, &NILE, 1, &expected, 1e-4);
}

#[test]
fn theta_agrees_on_nile() {
    let expected = [798.230, 798.230, 798.230, 798.230, 798.230, 798.230, 798.230, 798.230, 798.230, 798.230];
    assert_agrees(Baseline::Theta, &NILE, 1, &expected, 1e-3);
}

#[test]
fn ets_agrees_on_lynx() {
    let expected = [3463.047, 3530.163, 3597.278, 3664.393, 3731.509, 3798.624, 3865.739, 3932.855, 3999.970, 4067.085];
    assert_agrees(Baseline::Ets, &LYNX, 1, &expected, 1e-4);
}

#[test]
fn theta_agrees_on_lynx() {
    let expected = [3388.503, 3388.503, 3388.503, 3388.503, 3388.503, 3388.503, 3388.503, 3388.503, 3388.503, 3388.503];
    assert_agrees(Baseline::Theta, &LYNX, 1, &expected, 1e-4);
}

#[test]
fn arima_agrees_on_air_passengers() {
    let expected =
        [444.310, 418.214, 446.243, 488.234, 499.237, 562.236, 649.236, 633.236, 535.236, 488.236, 417.236, 459.236];
    assert_agrees(Baseline::Arima, &AIR_PASSENGERS, 12, &expected, 1e-4);
}

#[test]
fn arima_agrees_on_nile() {
    let expected = [815.740, 833.879, 838.223, 839.263, 839.512, 839.572, 839.586, 839.589, 839.590, 839.590];
    assert_agrees(Baseline::Arima, &NILE, 1, &expected, 5e-3);
}

#[test]
fn arima_agrees_on_lynx() {
    let expected = [2982.663, 2088.329, 1302.848, 851.495, 775.592, 978.490, 1302.405, 1600.603, 1782.497, 1825.480];
    assert_agrees(Baseline::Arima, &LYNX, 1, &expected, 5e-3);
}

/// Monthly totals of international airline passengers, 1949 to 1960, in thousands (Box & Jenkins 1976, series G).
const AIR_PASSENGERS: [f64; 144] = [
    112.0, 118.0, 132.0, 129.0, 121.0, 135.0, 148.0, 148.0, 136.0, 119.0, 104.0, 118.0, 115.0, 126.0, 141.0, 135.0,
    125.0, 149.0, 170.0, 170.0, 158.0, 133.0, 114.0, 140.0, 145.0, 150.0, 178.0, 163.0, 172.0, 178.0, 199.0, 199.0,
    184.0, 162.0, 146.0, 166.0, 171.0, 180.0, 193.0, 181.0, 183.0, 218.0, 230.0, 242.0, 209.0, 191.0, 172.0, 194.0,
    196.0, 196.0, 236.0, 235.0, 229.0, 243.0, 264.0, 272.0, 237.0, 211.0, 180.0, 201.0, 204.0, 188.0, 235.0, 227.0,
    234.0, 264.0, 302.0, 293.0, 259.0, 229.0, 203.0, 229.0, 242.0, 233.0, 267.0, 269.0, 270.0, 315.0, 364.0, 347.0,
    312.0, 274.0, 237.0, 278.0, 284.0, 277.0, 317.0, 313.0, 318.0, 374.0, 413.0, 405.0, 355.0, 306.0, 271.0, 306.0,
    315.0, 301.0, 356.0, 348.0, 355.0, 422.0, 465.0, 467.0, 404.0, 347.0, 305.0, 336.0, 340.0, 318.0, 362.0, 348.0,
    363.0, 435.0, 491.0, 505.0, 404.0, 359.0, 310.0, 337.0, 360.0, 342.0, 406.0, 396.0, 420.0, 472.0, 548.0, 559.0,
    463.0, 407.0, 362.0, 405.0, 417.0, 391.0, 419.0, 461.0, 472.0, 535.0, 622.0, 606.0, 508.0, 461.0, 390.0, 432.0,
];

/// Accidental deaths in the USA, by month, 1973 to 1978 (Brockwell & Davis 1991).
const ACCIDENTAL_DEATHS: [f64; 72] = [
    9007.0, 8106.0, 8928.0, 9137.0, 10_017.0, 10_826.0, 11_317.0, 10_744.0, 9713.0, 9938.0, 9161.0, 8927.0, 7750.0,
    6981.0, 8038.0, 8422.0, 8714.0, 9512.0, 10_120.0, 9823.0, 8743.0, 9129.0, 8710.0, 8680.0, 8162.0, 7306.0, 8124.0,
    7870.0, 9387.0, 9556.0, 10_093.0, 9620.0, 8285.0, 8466.0, 8160.0, 8034.0, 7717.0, 7461.0, 7767.0, 7925.0, 8623.0,
    8945.0, 10_078.0, 9179.0, 8037.0, 8488.0, 7874.0, 8647.0, 7792.0, 6957.0, 7726.0, 8106.0, 8890.0, 9299.0, 10_625.0,
    9302.0, 8314.0, 8850.0, 8265.0, 8796.0, 7836.0, 6892.0, 7791.0, 8192.0, 9115.0, 9434.0, 10_484.0, 9827.0, 9110.0,
    9070.0, 8633.0, 9240.0,
];

/// Annual flow of the Nile at Aswan, 1871 to 1970 (Cobb 1978).
const NILE: [f64; 100] = [
    1120.0, 1160.0, 963.0, 1210.0, 1160.0, 1160.0, 813.0, 1230.0, 1370.0, 1140.0, 995.0, 935.0, 1110.0, 994.0, 1020.0,
    960.0, 1180.0, 799.0, 958.0, 1140.0, 1100.0, 1210.0, 1150.0, 1250.0, 1260.0, 1220.0, 1030.0, 1100.0, 774.0, 840.0,
    874.0, 694.0, 940.0, 833.0, 701.0, 916.0, 692.0, 1020.0, 1050.0, 969.0, 831.0, 726.0, 456.0, 824.0, 702.0, 1120.0,
    1100.0, 832.0, 764.0, 821.0, 768.0, 845.0, 864.0, 862.0, 698.0, 845.0, 744.0, 796.0, 1040.0, 759.0, 781.0, 865.0,
    845.0, 944.0, 984.0, 897.0, 822.0, 1010.0, 771.0, 676.0, 649.0, 846.0, 812.0, 742.0, 801.0, 1040.0, 860.0, 874.0,
    848.0, 890.0, 744.0, 749.0, 838.0, 1050.0, 918.0, 986.0, 797.0, 923.0, 975.0, 815.0, 1020.0, 906.0, 901.0, 1170.0,
    912.0, 746.0, 919.0, 718.0, 714.0, 740.0,
];

/// Lynx trapped in Canada, by year, 1821 to 1934 (Brockwell & Davis 1991).
const LYNX: [f64; 114] = [
    269.0, 321.0, 585.0, 871.0, 1475.0, 2821.0, 3928.0, 5943.0, 4950.0, 2577.0, 523.0, 98.0, 184.0, 279.0, 409.0,
    2285.0, 2685.0, 3409.0, 1824.0, 409.0, 151.0, 45.0, 68.0, 213.0, 546.0, 1033.0, 2129.0, 2536.0, 957.0, 361.0,
    377.0, 225.0, 360.0, 731.0, 1638.0, 2725.0, 2871.0, 2119.0, 684.0, 299.0, 236.0, 245.0, 552.0, 1623.0, 3311.0,
    6721.0, 4254.0, 687.0, 255.0, 473.0, 358.0, 784.0, 1594.0, 1676.0, 2251.0, 1426.0, 756.0, 299.0, 201.0, 229.0,
    469.0, 736.0, 2042.0, 2811.0, 4431.0, 2511.0, 389.0, 73.0, 39.0, 49.0, 59.0, 188.0, 377.0, 1292.0, 4031.0, 3495.0,
    587.0, 105.0, 153.0, 387.0, 758.0, 1307.0, 3465.0, 6991.0, 6313.0, 3794.0, 1836.0, 345.0, 382.0, 808.0, 1388.0,
    2713.0, 3800.0, 3091.0, 2985.0, 3790.0, 374.0, 81.0, 80.0, 108.0, 229.0, 399.0, 1132.0, 2432.0, 3574.0, 2935.0,
    1537.0, 529.0, 485.0, 662.0, 1000.0, 1590.0, 2657.0, 3396.0,
];
