namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// P(D ≤ d) exactly, as an element of a power of a matrix: Durbin (1968), in the form of Marsaglia, Tsang and Wang (2003),
/// "Evaluating Kolmogorov's distribution". Its cost grows with the cube of n·d.
/// </summary>
internal static class DurbinMatrix
{
    private const double Large = 1e140;

    public static double Below(int n, double d)
    {
        var k = (int)Math.Ceiling(n * d);
        var m = (2 * k) - 1;
        var power = Identity(m);
        var square = Make(k, m, k - (n * d));
        var (exponent, squareExponent) = (0, 0);
        for (var left = n; left > 0; left /= 2)
        {
            if (left % 2 == 1)
            {
                power = Multiply(power, square, m);
                exponent += squareExponent;
                exponent += Scale(power, k, m);
            }

            square = Multiply(square, square, m);
            squareExponent = (2 * squareExponent) + Scale(square, k, m);
        }

        var value = power[((k - 1) * m) + k - 1];
        for (var i = 1; i <= n; i++)
        {
            value = value * i / n;
            if (value < 1 / Large)
            {
                value *= Large;
                exponent -= 140;
            }
        }

        return value * Math.Pow(10, exponent);
    }

    private static double[] Make(int k, int m, double h)
    {
        var matrix = new double[m * m];
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j <= Math.Min(i + 1, m - 1); j++)
            {
                matrix[(i * m) + j] = 1;
            }
        }

        for (var i = 0; i < m; i++)
        {
            matrix[i * m] -= Math.Pow(h, i + 1);
            matrix[((m - 1) * m) + i] -= Math.Pow(h, m - i);
        }

        matrix[(m - 1) * m] += h > 0.5 ? Math.Pow((2 * h) - 1, m) : 0;
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                for (var g = 1; g <= i - j + 1; g++)
                {
                    matrix[(i * m) + j] /= g;
                }
            }
        }

        return matrix;
    }

    private static double[] Identity(int m)
    {
        var matrix = new double[m * m];
        for (var i = 0; i < m; i++)
        {
            matrix[(i * m) + i] = 1;
        }

        return matrix;
    }

    private static double[] Multiply(double[] left, double[] right, int m)
    {
        var product = new double[m * m];
        for (var i = 0; i < m; i++)
        {
            for (var k = 0; k < m; k++)
            {
                var factor = left[(i * m) + k];
                for (var j = 0; factor != 0 && j < m; j++)
                {
                    product[(i * m) + j] += factor * right[(k * m) + j];
                }
            }
        }

        return product;
    }

    // Powers of large matrices leave the range of a double; what is taken out here is put back at the end.
    private static int Scale(double[] matrix, int k, int m)
    {
        if (matrix[((k - 1) * m) + k - 1] <= Large)
        {
            return 0;
        }

        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i] /= Large;
        }

        return 140;
    }
}
