"""Countries and people's names in alphabetical order; the generator makes the front of each list the more frequent."""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(sorted(name.strip() for name in text.split(",")))


COUNTRIES = _listed("""
    Afghanistan, Albania, Algeria, American Samoa, Andorra, Angola, Anguilla, Antarctica, Antigua and Barbuda,
    Argentina, Armenia, Aruba, Australia, Austria, Azerbaijan, Bahamas, Bahrain, Bangladesh, Barbados, Belarus,
    Belgium, Belize, Benin, Bermuda, Bhutan, Bolivia, Bosnia and Herzegovina, Botswana, Bouvet Island, Brazil,
    British Virgin Islands, Brunei Darussalam, Bulgaria, Burkina Faso, Burundi, Cabo Verde, Cambodia, Cameroon,
    Canada, Cayman Islands, Central African Republic, Chad, Chile, China, Christmas Island, Colombia, Comoros,
    Congo, Cook Islands, Costa Rica, Cote d'Ivoire, Croatia, Cuba, Cyprus, Czech Republic, Democratic Republic of
    the Congo, Denmark, Djibouti, Dominica, Dominican Republic, Ecuador, Egypt, El Salvador, Equatorial Guinea,
    Eritrea, Estonia, Eswatini, Ethiopia, Faroe Islands, Fiji, Finland, France, French Guiana, French Polynesia,
    Gabon, Gambia, Georgia, Germany, Ghana, Gibraltar, Greece, Greenland, Grenada, Guadeloupe, Guam, Guatemala,
    Guernsey, Guinea, Guinea-Bissau, Guyana, Haiti, Honduras, Hong Kong, Hungary, Iceland, India, Indonesia, Iran,
    Iraq, Ireland, Isle of Man, Israel, Italy, Jamaica, Japan, Jersey, Jordan, Kazakhstan, Kenya, Kiribati, Kuwait,
    Kyrgyzstan, Laos, Latvia, Lebanon, Lesotho, Liberia, Libya, Liechtenstein, Lithuania, Luxembourg, Madagascar,
    Malawi, Malaysia, Maldives, Mali, Malta, Marshall Islands, Martinique, Mauritania, Mauritius, Mexico,
    Micronesia, Moldova, Monaco, Mongolia, Montenegro, Montserrat, Morocco, Mozambique, Myanmar, Namibia, Nauru,
    Nepal, Netherlands, New Zealand, Nicaragua, Niger, Nigeria, North Korea, North Macedonia, Norway, Oman,
    Pakistan, Palau, Panama, Papua New Guinea, Paraguay, Peru, Philippines, Poland, Portugal, Puerto Rico, Qatar,
    Romania, Russia, Rwanda, Saint Kitts and Nevis, Saint Lucia, Saint Vincent and the Grenadines, Samoa, San
    Marino, Sao Tome and Principe, Saudi Arabia, Senegal, Serbia, Seychelles, Sierra Leone, Singapore, Slovakia,
    Slovenia, Solomon Islands, Somalia, South Africa, South Korea, South Sudan, Spain, Sri Lanka, Sudan, Suriname,
    Sweden, Switzerland, Syria, Tajikistan, Tanzania, Thailand, Timor-Leste, Togo, Tonga, Trinidad and Tobago,
    Tunisia, Turkey, Turkmenistan, Tuvalu, Uganda, Ukraine, United Arab Emirates, United Kingdom, United States,
    Uruguay, Uzbekistan, Vanuatu, Venezuela, Vietnam, Yemen, Zambia, Zimbabwe
""")

FIRST_NAMES = _listed("""
    Aaron, Abigail, Adam, Adrian, Aisha, Alan, Albert, Alejandra, Alexander, Alice, Alicia, Allison, Amanda, Amber,
    Amir, Amy, Ana, Andre, Andrea, Andrew, Angela, Anita, Anna, Anthony, April, Arthur, Ashley, Audrey, Austin,
    Barbara, Beatrice, Benjamin, Bethany, Bianca, Bradley, Brandon, Brenda, Brian, Bridget, Caleb, Cameron, Carla,
    Carlos, Caroline, Catherine, Charles, Charlotte, Chloe, Christian, Christina, Claire, Clara, Colin, Connor,
    Crystal, Cynthia, Daniel, Danielle, David, Deborah, Denise, Dennis, Derek, Diana, Dominic, Donna, Dorothy,
    Douglas, Dylan, Edward, Eileen, Elena, Elizabeth, Ella, Emily, Emma, Eric, Erin, Esther, Ethan, Eva, Evelyn,
    Felix, Fiona, Florence, Frances, Frank, Gabriel, Gareth, Gary, George, Georgia, Gerald, Gina, Gloria, Grace,
    Graham, Gregory, Hannah, Harold, Harriet, Heather, Helen, Henry, Hugo, Ian, Ingrid, Irene, Isaac, Isabel, Ivan,
    Jack, Jacob, James, Jamie, Janet, Jasmine, Jason, Jeffrey, Jennifer, Jeremy, Jessica, Joan, Joel, Jonathan,
    Jordan, Joseph, Joshua, Joyce, Juan, Julia, Justin, Karen, Katherine, Keith, Kelly, Kenneth, Kevin, Kimberly,
    Kyle, Laura, Lauren, Leah, Leonard, Lillian, Linda, Lisa, Logan, Louis, Lucy, Luke, Madeline, Marcus, Margaret,
    Maria, Mark, Martin, Mary, Matthew, Megan, Melissa, Michael, Michelle, Miriam, Monica, Nadia, Naomi, Natalie,
    Nathan, Nicholas, Nicole, Nora, Oliver, Olivia, Oscar, Pamela, Patricia, Patrick, Paul, Peter, Philip, Phoebe,
    Rachel, Raymond, Rebecca, Richard, Robert, Robin, Rosa, Ruth, Ryan, Samantha, Samuel, Sandra, Sarah, Scott,
    Sean, Sharon, Simon, Sofia, Stephanie, Stephen, Susan, Tamara, Teresa, Theodore, Thomas, Timothy, Tracy,
    Valerie, Vanessa, Victor, Victoria, Vincent, Virginia, Walter, Wendy, Wesley, William, Xavier, Yolanda, Zachary,
    Zoe
""")

LAST_NAMES = _listed("""
    Abbott, Acevedo, Acosta, Adams, Adkins, Aguilar, Ahmed, Alexander, Allen, Allison, Alvarado, Alvarez, Andersen,
    Anderson, Andrews, Archer, Armstrong, Arnold, Ashton, Atkins, Atkinson, Austin, Avery, Ayala, Bailey, Baker,
    Baldwin, Ball, Banks, Barker, Barnes, Barrett, Barton, Bates, Baxter, Becker, Bell, Bennett, Benson, Berry,
    Bishop, Black, Blair, Blake, Bolton, Booth, Bowen, Boyd, Bradley, Brennan, Briggs, Brooks, Brown, Bruce, Bryant,
    Burgess, Burke, Burns, Burton, Bush, Butler, Byrne, Cain, Calderon, Caldwell, Campbell, Cannon, Carey, Carlson,
    Carpenter, Carr, Carroll, Carter, Castillo, Chambers, Chan, Chandler, Chang, Chapman, Chavez, Chen, Christensen,
    Clark, Clarke, Clayton, Cohen, Coleman, Collins, Conner, Contreras, Cook, Cooper, Cortez, Craig, Crawford, Cruz,
    Cunningham, Curtis, Dalton, Daniels, Davidson, Davies, Dawson, Dean, Delgado, Dennis, Diaz, Dixon, Dominguez,
    Douglas, Doyle, Duncan, Dunn, Edwards, Elliott, Ellis, Erickson, Espinoza, Evans, Farrell, Ferguson, Fernandez,
    Fields, Fisher, Fitzgerald, Fleming, Fletcher, Flores, Ford, Foster, Fowler, Fox, Francis, Franklin, Freeman,
    Fuller, Garcia, Gardner, Garrett, George, Gibson, Gilbert, Gomez, Gonzalez, Gordon, Graham, Grant, Graves, Gray,
    Greene, Griffin, Guerrero, Hall, Hamilton, Hansen, Harper, Harris, Hart, Hawkins, Hayes, Henderson, Hernandez,
    Hicks, Hoffman, Holland, Howard, Hudson, Hughes, Hunt, Hunter, Ibrahim, Jackson, Jacobs, Jenkins, Jensen,
    Johnson, Jones, Kelley, Kennedy, Khan, Kim, King, Klein, Knight, Kumar, Lambert, Larson, Lawrence, Lee, Leonard,
    Lewis, Lindsay, Lloyd, Long, Lopez, Lynch, Marshall, Martinez, Mason, Matthews, Mcbride, Mcdonald, Medina,
    Mendoza, Meyer, Miller, Mitchell, Moore, Morales, Morgan, Morris, Murphy, Murray, Myers, Nelson, Newman, Nguyen,
    Norris, Novak, Obrien, Oliver, Ortiz, Owens, Palmer, Parker, Patel, Perez, Peters, Phillips, Porter, Powell,
    Price, Quinn, Ramirez, Ramos, Reed, Reyes, Reynolds, Rice, Richards, Rivera, Roberts, Robinson, Rodriguez,
    Rogers, Romero, Rosales, Ross, Russell, Ryan, Sanchez, Sanders, Santos, Schmidt, Schultz, Scott, Sharma, Shaw,
    Silva, Simmons, Simpson, Singh, Smith, Soto, Spencer, Stevens, Stewart, Stone, Sullivan, Taylor, Thomas,
    Thompson, Torres, Tucker, Turner, Valdez, Vargas, Vasquez, Wagner, Walker, Wallace, Walsh, Ward, Warren,
    Watkins, Watson, Weaver, Webb, Weber, Wheeler, White, Williams, Wilson, Wong, Wood, Wright, Yang, Young,
    Zimmerman
""")
