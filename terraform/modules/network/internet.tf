# Outbound internet access by HTTPS for the groups in internet_users: a NAT gateway in its own subnet. Without such groups
# nothing here is created. Inbound access does not exist.

locals {
  out      = length(var.internet_users) > 0 ? 1 : 0
  anywhere = "0.0.0.0/0"
}

resource "aws_internet_gateway" "this" {
  count  = local.out
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.name }
}

resource "aws_subnet" "public" {
  count             = local.out
  vpc_id            = aws_vpc.this.id
  availability_zone = var.zones[0]
  cidr_block        = cidrsubnet(var.cidr, 6, 63) # the end of the block, after the quarters of three zones
  tags              = { Name = "${var.name}-public-${var.zones[0]}" }
}

resource "aws_route_table" "public" {
  count  = local.out
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  count                  = local.out
  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = local.anywhere
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  count          = local.out
  subnet_id      = aws_subnet.public[0].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_eip" "nat" {
  count      = local.out
  domain     = "vpc"
  tags       = { Name = "${var.name}-nat" }
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  count         = local.out
  allocation_id = aws_eip.nat[0].id
  subnet_id     = aws_subnet.public[0].id
  tags          = { Name = var.name }
  depends_on    = [aws_route.internet]
}

# All private subnets have the route. Security groups decide who can use it.
resource "aws_route" "nat" {
  count                  = local.out
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = local.anywhere
  nat_gateway_id         = aws_nat_gateway.this[0].id
}

resource "aws_vpc_security_group_egress_rule" "internet" {
  for_each          = var.internet_users
  security_group_id = aws_security_group.this[each.key].id
  cidr_ipv4         = local.anywhere
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "To the internet"
}
